// A full refresh under the platform: interrupted it goes on with its own states, finished it begins anew.
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../src/core/json.ts';
import { writeJson } from '../../support/folder.ts';
import { runNode } from '../../support/run-node.ts';
import { openSourcePlace } from '../../support/source-place.ts';
import { discoverCatalog, messagesOf, payloadsOf, runSource, sourceBin, statusesOf } from './bins.ts';

const callIds = (messages: readonly JsonObject[]) =>
  payloadsOf(messages, 'RECORD')
    .filter(({ stream }) => stream === 'calls')
    .map(({ data }) => String((data as JsonObject)['call_id']));

/** The last state of each stream, as a platform keeps them. */
function statesOf(messages: readonly JsonObject[]): JsonObject[] {
  const byStream = new Map<string, JsonObject>();
  for (const state of payloadsOf(messages, 'STATE'))
    byStream.set(JSON.stringify((state['stream'] as JsonObject)['stream_descriptor']), state);
  return [...byStream.values()];
}

const progressOf = (states: readonly JsonObject[]) =>
  states.map(({ stream }) => ((stream as JsonObject)['stream_state'] as JsonObject)['refresh']);

test('goes on where it was interrupted, and begins anew once it was finished', async () => {
  // One page of Gong is a hundred calls; the pace leaves time between them.
  const place = await openSourcePlace(
    { calls: 450, endsAt: Date.now() - 3 * 86_400_000 },
    { semarize_api_key: null, gong_requests_per_second: 4 },
  );
  const now = Date.now();
  const shown = place.sandbox.world.calls.filter(({ life }) => life.visibleMs <= now && life.erasedMs > now).length;
  const { path } = await discoverCatalog(place, { sync_mode: 'full_refresh', destination_sync_mode: 'append' });
  const args = ['read', '--config', place.config, '--catalog', path];
  let sent = false;
  const broken = await runNode([sourceBin, ...args], {
    onOutput: (child, stdout) => {
      if (!sent && (stdout.match(/"RECORD"/g)?.length ?? 0) > 250) sent = child.kill('SIGTERM');
    },
  });
  expect(broken.signal).toBe('SIGTERM');
  const first = messagesOf(broken);
  const kept = statesOf(first);
  expect(progressOf(kept)).toEqual(['running', 'running']);
  expect(callIds(first).length).toBeGreaterThan(100);
  expect(callIds(first).length).toBeLessThan(shown);

  const second = messagesOf(await runSource([...args, '--state', await writeJson(place.folder, 'kept.json', kept)]));
  expect(statusesOf(second)).toEqual(expect.arrayContaining(['calls COMPLETE', 'transcripts COMPLETE']));
  expect(new Set([...callIds(first), ...callIds(second)]).size).toBe(shown);
  // What was sent before a kept state is not sent again, but for the page under way.
  expect(callIds(first).length + callIds(second).length).toBeLessThan(shown + 200);
  const done = statesOf(second);
  expect(progressOf(done)).toEqual(['complete', 'complete']);

  const third = messagesOf(await runSource([...args, '--state', await writeJson(place.folder, 'done.json', done)]));
  expect(callIds(third)).toHaveLength(shown);

  const { path: incremental } = await discoverCatalog(place);
  const fourth = messagesOf(
    await runSource([
      'read',
      '--config',
      place.config,
      '--catalog',
      incremental,
      '--state',
      await writeJson(place.folder, 'then.json', statesOf(third)),
    ]),
  );
  expect(callIds(fourth)).toEqual([]);
  expect(progressOf(statesOf(fourth))).toEqual([undefined, undefined]);
}, 120_000);
