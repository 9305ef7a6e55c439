import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import {
  fingerprintsOf,
  parseStates,
  writeCallsState,
  writeRunsState,
  writeTranscriptsState,
} from '../../src/source/state.ts';

const fingerprints = fingerprintsOf({ workspace_ids: ['2', '1'], workspace_label: 'default' }, 'live');

function someStates(): Map<string, JsonObject> {
  const state = parseStates(new Map(), fingerprints);
  state.calls.closedThrough = Date.parse('2026-03-01T00:00:00Z');
  state.calls.seen.put('1', 'a');
  state.transcripts.pending.set('7782342274025937895', { firstSeen: 1, tries: 2, nextTry: 0, end: 'gave_up' });
  state.transcripts.pending.set('2', { firstSeen: 1, tries: 2, nextTry: 3 });
  state.kits.set('A1B2C3D4@v', {
    from: 5,
    closedThrough: null,
    deepAt: null,
    answers: ['v1'],
    closed: [[1, 2]],
    owed: new Map([['3', 4]]),
  });
  return new Map([
    ['calls', writeCallsState(state, fingerprints)],
    ['transcripts', writeTranscriptsState(state, fingerprints)],
    ['semarize_runs', writeRunsState(state, fingerprints, { inFlight: {}, done: '' })],
  ]);
}

test('a state says the same after a round trip through JSON', () => {
  const saved = someStates();
  const state = parseStates(
    new Map([...saved].map(([name, value]) => [name, JSON.parse(JSON.stringify(value))])),
    fingerprints,
  );
  expect(writeCallsState(state, fingerprints)).toEqual(saved.get('calls'));
  expect(writeTranscriptsState(state, fingerprints)).toEqual(saved.get('transcripts'));
  expect(writeRunsState(state, fingerprints, { inFlight: {}, done: '' })).toEqual(saved.get('semarize_runs'));
  expect(state.calls.seen.compare('1', 'a')).toBe('same');
});

test('C4 absent forms mean start', () => {
  for (const saved of [new Map(), new Map([['calls', {}]])]) {
    const state = parseStates(saved, fingerprints);
    expect(state.calls.closedThrough).toBe(null);
    expect(state.known.size).toBe(0);
  }
});

describe('C4 what is broken, newer or foreign is refused, never taken for empty', () => {
  const with_ = (stream: string, change: (state: JsonObject) => JsonObject) => {
    const saved = someStates();
    saved.set(stream, change(saved.get(stream) ?? {}));
    return () => parseStates(saved, fingerprints);
  };

  test.each([
    ['newer', 'calls', (state: JsonObject) => ({ ...state, v: 3 }), /newer/],
    ['no bookmark', 'calls', ({ closedThrough: _, ...state }: JsonObject) => state, /damaged \(at closedThrough\)/],
    ['not a time', 'transcripts', (state: JsonObject) => ({ ...state, closedThrough: 'soon' }), /damaged/],
    ['not base64', 'calls', (state: JsonObject) => ({ ...state, seen: '%%' }), /damaged/],
    ['half a pending entry', 'transcripts', (state: JsonObject) => ({ ...state, pending: { 1: [1, 2] } }), /damaged/],
    ['a number for a version', 'semarize_runs', (state: JsonObject) => ({ ...state, v: '1' }), /damaged/],
    ['another workspace', 'calls', (state: JsonObject) => ({ ...state, fingerprint: 'x' }), /workspace_ids/],
    ['another label', 'semarize_runs', (state: JsonObject) => ({ ...state, fingerprint: 'x' }), /workspace_label/],
  ])('%s', (_, stream, change, message) => {
    expect(with_(stream, change)).toThrow(message);
  });
});

test('the order of workspace_ids does not matter, the label and the key class do', () => {
  expect(fingerprintsOf({ workspace_ids: ['1', '2'], workspace_label: 'default' }, 'live')).toEqual(fingerprints);
  expect(fingerprintsOf({ workspace_ids: ['1', '2'], workspace_label: 'default' }, 'test').runs).not.toBe(
    fingerprints.runs,
  );
  expect(fingerprintsOf({ workspace_ids: ['1', '2'], workspace_label: 'eu' }, 'live').runs).not.toBe(fingerprints.runs);
});
