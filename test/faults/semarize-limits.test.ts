// Group S: what is bought, for which call and kit, and when it waits. The oracle is what the sandbox accepted.
import { describe, expect, test } from 'vitest';
import { faultAnswers } from '../../src/sandbox/fault-answers.ts';
import { kits } from '../../src/sandbox/semarize/kits.ts';
import {
  always,
  day,
  expectOnce,
  failureOf,
  harnessOf,
  hour,
  idOf,
  post,
  someCalls,
  start,
  stateOf,
} from '../support/semarize-faults.ts';
import { kitA, kitB } from '../support/sync-harness.ts';

describe('limits', () => {
  test('S19 exactly N distinct keys a sync, oldest first, until nothing waits; no call is forgotten', async () => {
    const harness = await harnessOf(someCalls(11), { config: { max_runs_per_sync: 4 } });
    for (const [bought, waiting] of [
      [4, 7],
      [4, 3],
      [3, 0],
      [0, 0],
    ]) {
      const before = harness.sandbox.ledger.distinctRuns;
      const report = await harness.syncWell();
      expect(harness.sandbox.ledger.distinctRuns - before).toBe(bought);
      expect(report.runs.waiting).toBe(waiting);
    }
    expect(harness.sandbox.ledger.runs.map(({ callId }) => callId)).toEqual(someCalls(11).map(({ id }) => id));
    await expectOnce(harness, 11);
  });

  test('S19 the oldest of a page first, also when Gong lists the newest first', async () => {
    const harness = await harnessOf(someCalls(3));
    harness.sandbox.faults.add({
      on: 'POST /v2/calls/extensive',
      times: always,
      do: {
        kind: 'change',
        change: (body) => ({ ...body, calls: Array.isArray(body['calls']) ? body['calls'].toReversed() : [] }),
      },
    });
    for (let again = 0; again < 3; again++) await harness.syncWell({ maxRuns: 1 });
    expect(harness.sandbox.ledger.runs.map(({ callId }) => callId)).toEqual(someCalls(3).map(({ id }) => id));
  });

  test('S19 a limit of nothing for a while loses nothing, late calls and late transcripts included', async () => {
    const calls = someCalls(6, (index) =>
      index === 2 ? { visibleAt: start + 5 * hour } : index === 4 ? { transcriptAt: start + 2 * day } : {},
    );
    const harness = await harnessOf(calls, { config: { max_runs_per_sync: 0 } });
    for (const hours of [0, 6, 30, 60]) {
      harness.clock.set(Math.max(harness.clock.now(), start + hours * hour));
      await harness.syncWell();
    }
    expect(harness.sandbox.ledger.distinctRuns).toBe(0);
    harness.config['max_runs_per_sync'] = 4;
    await harness.syncWell();
    await harness.syncWell();
    await expectOnce(harness, 6);
  });

  test('S21 a kit that is added later is bought from then on; history only when it is asked for', async () => {
    const harness = await harnessOf(someCalls(3).concat([{ id: idOf(9), started: start + hour }]));
    await harness.syncWell();
    harness.config['kits'] = [{ code: kitA }, { code: kitB }];
    harness.clock.set(start + 10 * 60_000);
    await harness.syncWell();
    harness.clock.set(start + 8 * hour);
    await harness.syncWell();
    expect(harness.sandbox.ledger.runs.filter(({ kitCode }) => kitCode === kitB).map(({ callId }) => callId)).toEqual([
      idOf(9),
    ]);
    await harness.syncWell({
      kits: [{ code: kitB, min_duration_seconds: 0, input: 'text' }],
      range: { from: start - 10 * day },
    });
    await expectOnce(harness, 4, 2);
  });

  test('S19 a call that is owed stays so when a later range is read for its kit', async () => {
    const harness = await harnessOf(someCalls(3, (index) => (index === 0 ? { transcriptAt: start + day } : {}), 9));
    await harness.syncWell();
    expect(harness.sandbox.ledger.distinctRuns).toBe(2);
    await harness.syncWell({
      kits: [{ code: kitA, min_duration_seconds: 0, input: 'text' }],
      range: { from: start - 15 * day },
    });
    expect(harness.sandbox.ledger.distinctRuns).toBe(2);
    // No look-back reaches it: only what is owed is bought.
    harness.clock.set(start + 2 * day);
    await harness.syncWell();
    await expectOnce(harness, 3);
  });

  test('S28 a transcript under min_transcript_chars is not billed, a call under a kit’s shortest is not either', async () => {
    const calls = [
      { id: idOf(1), started: start - day, transcriptBytes: 120 },
      { id: idOf(2), started: start - 2 * day, durationS: 60 },
      { id: idOf(3), started: start - 3 * day },
    ];
    const harness = await harnessOf(calls, {
      config: { kits: [{ code: kitA, min_duration_seconds: 300 }], min_transcript_chars: 400 },
    });
    await harness.syncWell();
    expect(harness.sandbox.ledger.runs.map(({ callId }) => callId)).toEqual([idOf(3)]);
  });

  test('S19 what is owed from long ago counts as waiting as long as the limit keeps it from being bought', async () => {
    const harness = await harnessOf(someCalls(3, (index) => (index === 1 ? { visibleAt: start + 5 * hour } : {})));
    await harness.syncWell();
    harness.config['max_runs_per_sync'] = 0;
    for (const hours of [30, 10 * 24]) {
      harness.clock.set(start + hours * hour);
      expect((await harness.syncWell()).runs.waiting).toBe(1);
    }
    harness.config['max_runs_per_sync'] = 1;
    expect((await harness.syncWell()).runs.waiting).toBe(0);
    await expectOnce(harness, 3);
  });

  test('S19 the oldest calls are not forgotten when a wrong kit or key meets them first', async () => {
    const harness = await harnessOf(
      someCalls(8, () => ({}), 9),
      { config: { kits: [{ code: 'ZZZZZZZZ' }] } },
    );
    for (let again = 0; again < 2; again++) expect((await failureOf(harness)).area).toBe('config');
    harness.config['kits'] = [{ code: kitA, from: '2026-01-01' }];
    harness.sandbox.faults.add({ on: post, times: always, do: faultAnswers.status(403, 'forbidden') });
    for (let again = 0; again < 2; again++) expect((await failureOf(harness)).area).toBe('credentials');
    expect((await harness.sync()).report?.runs.open).toBe(0);
    harness.sandbox.faults.clear();
    await harness.syncWell();
    await expectOnce(harness, 8);
  });
});

describe('which call', () => {
  test('G14 one that ended less than two hours ago waits, so that its whole transcript is evaluated', async () => {
    const harness = await harnessOf([
      { id: idOf(1), started: start - hour, completeAt: start + hour / 2, transcriptBytes: 3000 },
    ]);
    expect((await harness.syncWell()).purchases.wait.unsettled).toBe(1);
    expect(harness.sandbox.ledger.posts).toBe(0);
    const [before] = await harness.rows('select length(text) as n from transcripts');
    harness.clock.set(start + 3 * hour);
    await harness.syncWell();
    await expectOnce(harness, 1);
    const [after] = await harness.rows(
      'select length(text) as n, r.input_chars as sent, r.transcript_hash = t.transcript_hash as same from transcripts t join semarize_runs r using (call_id)',
    );
    expect(Number(after?.['n'])).toBeGreaterThan(Number(before?.['n']));
    expect(after?.['sent']).toEqual(after?.['n']);
    expect(after?.['same']).toBe(true);
  });

  test('G15 a transcript that changes after its evaluation is a new row, and no new bill', async () => {
    const harness = await harnessOf([{ id: idOf(1), started: start - day, textEditedAt: start + hour }]);
    await harness.syncWell();
    const hash = async () => (await harness.rows('select transcript_hash from transcripts'))[0]?.['transcript_hash'];
    const before = await hash();
    harness.clock.set(start + 2 * hour);
    await harness.syncWell();
    expect(await hash()).not.toBe(before);
    await expectOnce(harness, 1);
  });

  test('G18 a private one is never sent, nor one that turns private while it waits', async () => {
    const harness = await harnessOf([
      { id: idOf(1), started: start - day, private: true },
      { id: idOf(2), started: start - hour, private: start + hour },
      { id: idOf(3), started: start - day },
    ]);
    await harness.syncWell();
    harness.clock.set(start + 5 * hour);
    await harness.syncWell();
    expect(harness.sandbox.ledger.runs.map(({ callId }) => callId)).toEqual([idOf(3)]);
    expect(JSON.stringify(await stateOf(harness))).not.toContain('owed');
  });

  test('S28 an empty transcript, three words, and silence cost nothing, and nothing waits for them in the end', async () => {
    const words = (text: string) => [{ speakerId: null, topic: null, sentences: [{ start: 0, end: 900, text }] }];
    const harness = await harnessOf([
      { id: idOf(1), started: start - day, transcript: [] },
      { id: idOf(2), started: start - day, transcript: words('Hello? Anybody there?') },
      { id: idOf(3), started: start - day, transcriptAt: null, language: 'zxx' },
    ]);
    const report = await harness.syncWell();
    expect(report.purchases.skip.short_text).toBe(1);
    for (let days = 1; days < 40; days += 3) {
      harness.clock.set(start + days * day);
      await harness.syncWell();
    }
    expect(harness.sandbox.ledger.posts).toBe(0);
    expect(await harness.rows('select call_id, transcript_status from calls order by 1')).toMatchObject([
      { transcript_status: 'gave_up' },
      { transcript_status: 'available' },
      { transcript_status: 'none' },
    ]);
  });

  test('S28 just under the limit of characters nothing is sent, just at it it is', async () => {
    const harness = await harnessOf(someCalls(1));
    await harness.syncWell({ streams: ['calls', 'transcripts'] });
    const chars = Number((await harness.rows('select length(text) as n from transcripts'))[0]?.['n']);
    harness.config['min_transcript_chars'] = chars + 1;
    expect((await harness.syncWell()).purchases.skip.short_text).toBe(1);
    harness.config['min_transcript_chars'] = chars;
    await harness.syncWell();
    await expectOnce(harness, 1);
  });
});

describe('which kit', () => {
  test('S21 two kits: one key and one row for each', async () => {
    const harness = await harnessOf(someCalls(4), {
      config: { kits: [{ code: kitA }, { code: kitB, input: 'turns' }] },
    });
    await harness.syncWell();
    await harness.syncWell();
    await expectOnce(harness, 4, 2);
    expect(harness.sandbox.ledger.postsPerKey().size).toBe(8);
  });

  test('S21 a kit that was taken out for a while buys what it missed when it is back', async () => {
    const harness = await harnessOf([...someCalls(2), { id: idOf(7), started: start + 20 * day }]);
    await harness.syncWell();
    harness.config['kits'] = [];
    harness.clock.set(start + 40 * day);
    await harness.syncWell();
    expect(harness.sandbox.ledger.distinctRuns).toBe(2);
    harness.config['kits'] = [{ code: kitA }];
    await harness.syncWell();
    await expectOnce(harness, 3);
  });

  test('what was paid for is collected although no kit is left', async () => {
    const harness = await harnessOf(someCalls(2), { settings: { runEnds: 'never' } });
    await harness.syncWell();
    harness.config['kits'] = [];
    harness.sandbox.settings.runEnds = { afterPolls: 0 };
    await harness.syncWell();
    await expectOnce(harness, 2);
  });

  test('S20 a kit that means a newer version is reported once, and history is not billed again', async () => {
    const harness = await harnessOf(someCalls(2).concat([{ id: idOf(8), started: start + hour }]));
    const [older = '', newer = ''] = versionsOf(kitA);
    harness.sandbox.settings.currentVersions = { [kitA]: older };
    await harness.syncWell();
    harness.sandbox.settings.currentVersions = { [kitA]: newer };
    for (const hours of [8, 9, 10]) {
      harness.clock.set(start + hours * hour);
      await harness.syncWell();
    }
    const told = harness.logged.filter(({ message }) => message.includes(`now answers with version ${newer}`));
    expect(told).toHaveLength(1);
    await expectOnce(harness, 3);
  });

  test('S20 a pinned version stays what it is', async () => {
    const [older = '', newer = ''] = versionsOf(kitA);
    const harness = await harnessOf(someCalls(2).concat([{ id: idOf(8), started: start + hour }]), {
      config: { kits: [{ code: kitA, version_id: older }] },
      settings: { currentVersions: { [kitA]: older } },
    });
    await harness.syncWell();
    harness.sandbox.settings.currentVersions = { [kitA]: newer };
    harness.clock.set(start + 8 * hour);
    await harness.syncWell();
    await expectOnce(harness, 3);
    expect(await harness.rows('select distinct kit_version_id from semarize_runs')).toEqual([
      { kit_version_id: older },
    ]);
    expect(harness.logged.map(({ message }) => message).join()).not.toContain('now answers');
  });
});

function versionsOf(code: string): string[] {
  return kits.find((kit) => kit.code === code)?.versions.map(({ id }) => id) ?? [];
}
