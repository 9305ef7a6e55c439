// M6: what Gong and Semarize write into their errors may quote anything, a sentence of a transcript included. It is no code, and it
// gets into no log, no error, no state and no message of a host. Numbers out of range count as unsaid.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConnectorError } from '../../src/core/errors.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { placeOf } from '../../src/pipeline/places/place-of.ts';
import type { FaultAction } from '../../src/sandbox/faults.ts';
import { createHandmadeWorld } from '../../src/sandbox/world/handmade-world.ts';
import { discoverCatalog, messagesOf, payloadsOf, runSource } from '../hosts/airbyte/bins.ts';
import { getTranscripts, listCalls } from '../support/gong-faults.ts';
import { createHost } from '../support/host.ts';
import { runGongElt } from '../support/run-node.ts';
import { always, harnessOf, poll, post, someCalls, start, stateOf } from '../support/semarize-faults.ts';
import { openSourcePlace } from '../support/source-place.ts';
import type { Harness } from '../support/sync-harness.ts';

const sentence = 'Between us, Marta signs at forty thousand before the merger is public.';
/** Also where only a part of it gets through, or it was taken for a name. */
const traces = /marta|forty|merger/i;

/** The sentence in every place of an answer where vendors put texts. */
function quoting(status: number): FaultAction {
  return {
    kind: 'answer',
    answer: {
      status,
      headers: { 'x-traceid': sentence, 'x-request-id': sentence },
      json: {
        error: sentence,
        error_code: sentence,
        message: sentence,
        errors: [sentence, `permission to use '${sentence}'`],
        requestId: sentence,
        detail: [{ msg: sentence }],
      },
    },
  };
}

/** What a sync may have let slip: its log, its error with all that hangs on it, its state. */
async function saidBy(harness: Harness, failure: unknown): Promise<string> {
  const error =
    failure instanceof ConnectorError
      ? [failure.message, failure.hint, failure.fields, String(failure.cause ?? '')]
      : String(failure);
  return JSON.stringify([harness.logged, error, await harness.rows('select streams from _gong_elt.state')]);
}

describe('Semarize’s texts', () => {
  test('M6 a 422 that quotes a sentence has the code other, and the sentence stays where it was', async () => {
    const harness = await harnessOf(someCalls(3));
    const fault = harness.sandbox.faults.add({ on: post, do: quoting(422) });
    const { failure, report } = await harness.sync();
    expect(fault.played).toBe(1);
    expect(failure).toBeUndefined();
    expect(report?.runs).toMatchObject({ bought: 2, refused: 1 });
    expect(harness.logged).toContainEqual(
      expect.objectContaining({ message: 'Semarize does not take this transcript (other)' }),
    );
    expect(await saidBy(harness, failure)).not.toMatch(traces);
    expect(await readFile(placeOf(harness.to).ledgerPath, 'utf8')).not.toMatch(traces);
  });

  test('M6 a code of their own form is said as it is, and nothing that only looks like one', async () => {
    for (const [given, said] of [
      ['input_too_large', 'input_too_large'],
      ['a'.repeat(64), 'a'.repeat(64)],
      ['a'.repeat(65), 'other'],
      ['Input_too_large', 'other'],
      ['input too large', 'other'],
      ['input_too_large\n', 'other'],
      ['', 'other'],
    ] as const) {
      const harness = await harnessOf(someCalls(1));
      harness.sandbox.faults.add({ on: post, do: { kind: 'answer', answer: { status: 422, json: { error: given } } } });
      await harness.sync();
      expect(harness.logged.map(({ message }) => message)).toContain(
        `Semarize does not take this transcript (${said})`,
      );
      await harness.close();
    }
  });

  test('M6 after a 503 before it, under a host: it is frozen, and the state says other', async () => {
    const harness = await harnessOf(someCalls(2), { config: { semarize_concurrency: 1 } });
    const host = createHost(harness);
    harness.sandbox.faults.add({ on: post, do: quoting(503) });
    harness.sandbox.faults.add({ on: post, do: quoting(422) });
    const messages: unknown[] = [];
    const { failure, report } = await host.read(undefined, {
      onMessage: (message) => {
        if (message.type !== 'record') messages.push(message);
      },
    });
    expect(failure).toBeUndefined();
    expect(report?.runs.frozen).toBe(1);
    const inFlight = Object.values(host.states.get('semarize_runs')?.['inFlight'] as JsonObject);
    expect(inFlight).toMatchObject([{ status: 'frozen', reason: 'sent without an answer, then refused: other (422)' }]);
    expect(JSON.stringify([messages, [...host.states], harness.logged])).not.toMatch(traces);
  });

  test.each([401, 402, 403, 404, 400, 409, 418])('M6 a %i to a POST that quotes a sentence', async (status) => {
    const harness = await harnessOf(someCalls(2));
    const fault = harness.sandbox.faults.add({ on: post, times: always, do: quoting(status) });
    const { failure } = await harness.sync();
    expect(fault.played).toBeGreaterThan(0);
    if ([401, 402, 403, 404].includes(status)) expect(failure).toMatchObject({ fields: { error: 'other' } });
    expect(await saidBy(harness, failure)).not.toMatch(traces);
    expect(JSON.stringify(await stateOf(harness))).not.toMatch(traces);
  });

  test.each([401, 403, 400, 503])('M6 a %i to a poll that quotes a sentence', async (status) => {
    const harness = await harnessOf(someCalls(1));
    const fault = harness.sandbox.faults.add({ on: poll, times: always, do: quoting(status) });
    const { failure } = await harness.sync();
    expect(fault.played).toBeGreaterThan(0);
    expect(await saidBy(harness, failure)).not.toMatch(traces);
  });

  test('M6 the error of a run that failed stands in its row, and nowhere else', async () => {
    const harness = await harnessOf(someCalls(1));
    harness.sandbox.faults.add({
      on: poll,
      times: always,
      do: {
        kind: 'change',
        change: (body) => ({
          ...body,
          status: 'failed',
          kit_version_id: sentence,
          error_code: sentence,
          error_message: sentence,
          error_user_message: sentence,
        }),
      },
    });
    const { failure } = await harness.sync();
    expect(failure).toBeUndefined();
    expect(await saidBy(harness, failure)).not.toMatch(traces);
    const [row] = await harness.rows('select status, error_message, kit_version_id from semarize_runs');
    // The version is a name that we use: a sentence is none.
    expect(row).toEqual({ status: 'failed', error_message: sentence, kit_version_id: null });
  });

  test('M6 a run whose id or status is a sentence is not understood, and not quoted', async () => {
    const changes: JsonObject[] = [{ run_id: sentence }, { status: `${sentence} `.repeat(3) }];
    for (const change of changes) {
      const harness = await harnessOf(someCalls(1));
      harness.sandbox.faults.add({
        on: post,
        times: always,
        do: { kind: 'change', change: (body) => ({ ...body, ...change }) },
      });
      const { failure, report } = await harness.sync();
      // A run was probably made: the item stays open, under its key.
      expect(report?.runs).toMatchObject({ bought: 0, unanswered: 1, open: 1 });
      expect(await saidBy(harness, failure)).not.toMatch(traces);
      await harness.close();
    }
  });
});

describe('Gong’s texts', () => {
  test.each([
    [listCalls, 400],
    [listCalls, 401],
    [listCalls, 403],
    [listCalls, 404],
    [listCalls, 500],
    [getTranscripts, 400],
    [getTranscripts, 403],
    [getTranscripts, 503],
  ])('M6 %s answered with a sentence and %i', async (route, status) => {
    const harness = await harnessOf(someCalls(2), { config: { kits: [] } });
    const fault = harness.sandbox.faults.add({ on: route, times: always, do: quoting(status) });
    const { failure } = await harness.sync();
    expect(fault.played).toBeGreaterThan(0);
    expect(failure).toBeInstanceOf(ConnectorError);
    expect(await saidBy(harness, failure)).not.toMatch(traces);
  });

  test('M6 a 200 of another form, and names of formats that are sentences', async () => {
    for (const name of ['content-type', 'content-encoding']) {
      const headers = { [name]: sentence };
      const harness = await harnessOf(someCalls(1), { config: { kits: [] } });
      harness.sandbox.faults.add({
        on: listCalls,
        times: always,
        do: { kind: 'answer', answer: { status: 200, headers, raw: sentence } },
      });
      const { failure } = await harness.sync();
      expect(failure).toMatchObject({ area: 'service' });
      expect(await saidBy(harness, failure)).not.toMatch(traces);
      await harness.close();
    }
    const harness = await harnessOf(someCalls(1), { config: { kits: [] } });
    harness.sandbox.faults.add({
      on: listCalls,
      times: always,
      do: { kind: 'answer', answer: { status: 200, json: { calls: [{ metaData: { id: { said: sentence } } }] } } },
    });
    const { failure } = await harness.sync();
    expect(failure).toMatchObject({ area: 'service' });
    expect(await saidBy(harness, failure)).not.toMatch(traces);
  });
});

describe('numbers out of range', () => {
  const waits: [name: string, headers: Record<string, string>, body: JsonObject][] = [
    ['seconds in the body beyond any date', {}, { retry_after_seconds: 1e300 }],
    ['seconds in the body of ten digits', {}, { retry_after_seconds: 9_999_999_999 }],
    ['negative seconds in the body', {}, { retry_after_seconds: -5 }],
    ['a text in place of seconds', {}, { retry_after_seconds: sentence }],
    ['a header of twenty digits', { 'retry-after': '99999999999999999999' }, {}],
    ['a header that is a sentence', { 'retry-after': sentence }, {}],
    ['a negative header', { 'retry-after': '-1' }, {}],
    ['a header of no finite number', { 'retry-after': '1e999' }, {}],
  ];
  test.each(waits)('M6 a 429 with %s counts as one that names no wait', async (_, headers, body) => {
    const harness = await harnessOf(someCalls(1));
    const answer = { status: 429, headers, json: { error: sentence, ...body } };
    const fault = harness.sandbox.faults.add({ on: post, do: { kind: 'answer', answer } });
    const report = await harness.syncWell();
    expect(fault.played).toBe(1);
    expect(report.runs).toMatchObject({ bought: 1, succeeded: 1 });
    expect(harness.clock.now() - start).toBeLessThan(10 * 60_000);
    expect(await saidBy(harness, undefined)).not.toMatch(traces);
  });

  test('M6 the longest wait that can be said is a date, and ends the sync in good order', async () => {
    for (const [headers, json] of [
      [{}, { retry_after_seconds: 999_999_999 }],
      [{ 'retry-after': '999999999' }, {}],
    ] as [Record<string, string>, JsonObject][]) {
      const answer = { status: 429, headers, json };
      const harness = await harnessOf(someCalls(1));
      harness.sandbox.faults.add({ on: post, times: always, do: { kind: 'answer', answer } });
      const { failure, report } = await harness.sync();
      expect(failure).toMatchObject({ area: 'quota' });
      expect(new Date((failure as ConnectorError).resumeAt ?? Number.NaN).getTime()).toBeGreaterThan(start);
      expect(report?.runs.bought).toBe(0);
      await harness.close();
    }
  });

  test('M6 a duration that no run can have is none', async () => {
    const harness = await harnessOf(someCalls(1));
    for (const duration of [-1, 1e300, sentence, 2_678_400_001])
      harness.sandbox.faults.add({
        on: poll,
        do: { kind: 'change', change: (body) => ({ ...body, duration_ms: duration }) },
      });
    harness.sandbox.settings.runEnds = { afterPolls: 0 };
    await harness.syncWell();
    expect(await harness.rows('select duration_ms from semarize_runs')).toEqual([{ duration_ms: null }]);
  });
});

test('M6 as processes: neither stderr nor a host’s LOG and TRACE say it, nor a STATE', async () => {
  const world = createHandmadeWorld(
    [1, 2, 3].map((n) => ({ id: `772000000000000000${n}`, started: Date.now() - n * 86_400_000 })),
  );
  for (const status of [422, 402]) {
    const place = await openSourcePlace(world, { semarize_concurrency: 1 });
    const breakAgain = () => {
      place.sandbox.faults.clear();
      place.sandbox.faults.add({ on: post, do: quoting(503) });
      place.sandbox.faults.add({ on: post, times: status === 402 ? always : 2, do: quoting(status) });
    };
    breakAgain();
    const to = join(place.folder, 'warehouse.duckdb');
    const { stdout, stderr, code } = await runGongElt(
      ['sync', '--to', to, '--config', place.config, '-v', '--log-format', 'json'],
      { cwd: place.folder },
    );
    expect(stderr).toContain('other');
    expect(stdout + stderr).not.toMatch(traces);
    expect(code).toBe(status === 402 ? 3 : 0);

    breakAgain();
    const catalog = await discoverCatalog(place);
    const messages = messagesOf(
      await runSource(['read', '--config', place.config, '--catalog', catalog.path, '--debug']),
    );
    const told = ['LOG', 'TRACE', 'STATE'].flatMap((type) => payloadsOf(messages, type));
    expect(told.length).toBeGreaterThan(5);
    expect(JSON.stringify(told)).toContain('other');
    expect(JSON.stringify(told)).not.toMatch(traces);
  }
});
