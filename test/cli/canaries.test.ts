// Every command at -vv: no key in any form, no sentence, no name and no e-mail address in what it says (I14).
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { faultAnswers } from '../../src/sandbox/fault-answers.ts';
import type { Ended } from '../support/run-node.ts';
import { runGongElt } from '../support/run-node.ts';
import type { SandboxFolder } from './sandbox-folder.ts';
import { openSandboxFolder } from './sandbox-folder.ts';

let place: SandboxFolder;
/** What each command said. Where rows are the result, only what it said beside them. */
const said = new Map<string, string>();
let words: string[] = [];
/** Said by somebody in a record that load takes, refuses, and cannot read. */
const spoken = 'we need the budget by friday';

const run = async (args: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
  runGongElt([...args, '-vv'], { cwd: place.folder, env });
const say = (name: string, { stdout, stderr }: Ended, showsRows = false) =>
  said.set(name, showsRows ? stderr : `${stdout}${stderr}`);

beforeAll(async () => {
  place = await openSandboxFolder({ calls: 12 });
  const { sandbox } = place;
  Object.assign(sandbox.settings, { runRetryAfterSeconds: null, gongRequestsPerSecond: Number.POSITIVE_INFINITY });
  await place.configure({ semarize_concurrency: 50, gong_requests_per_second: 100 });

  say('check', await run(['check', '--log-format', 'json']));
  say('config show', await run(['config', 'show', '--origin']));
  say('plan', await run(['plan']));
  sandbox.faults.add({ on: 'POST /v2/calls/extensive', do: faultAnswers.tooManyRequests({ retryAfter: '1' }) });
  sandbox.faults.add({ on: 'POST /v2/calls/transcript', do: { kind: 'truncate', form: 'length' } });
  say('sync', await run(['sync', '--json']));
  say('state show', await run(['state', 'show', '--json']));
  say('runs list', await run(['runs', 'list']));
  const { stdout } = await run(['runs', 'list', '--format', 'jsonl']);
  const { run_id: runId = '' } = JSON.parse(stdout.split('\n')[0] ?? '{}') as { run_id?: string };
  say('runs show', await run(['runs', 'show', runId]), true);
  say('copy', await run(['copy', '--to', 'copied']));
  say('files', await run(['files', 'calls', '--in', 'copied']));
  say('lake compact', await run(['lake', 'compact', 'copied']));
  say('lake vacuum', await run(['lake', 'vacuum', 'copied']));
  say('query', await run(['query', 'select text::int from transcripts']), true);
  say('marts', await run(['marts']));
  await writeFile(join(place.folder, 'deals.csv'), `opportunity_id,is_won,closed_at\n,${spoken},${spoken}\n`);
  say('import outcomes', await run(['import', 'outcomes', 'deals.csv']));
  await mkdir(join(place.folder, 'calls'));
  await writeFile(join(place.folder, 'calls/list.csv'), `id,source,title,started_at\na,Zoom,x,${spoken}\n`);
  await writeFile(join(place.folder, 'calls/a.vtt'), spoken);
  say('import conversations', await run(['import', 'conversations', 'calls']));
  await writeFile(join(place.folder, 'runs.jsonl'), `{"run_id": "${spoken}"\n`);
  say('import runs', await run(['import', 'runs', 'runs.jsonl']));
  say('analyze', await run(['analyze', '--draws', '100']));
  say('report', await run(['report']));

  const stream = {
    name: 'notes',
    json_schema: { type: 'object', properties: { id: { type: 'string' }, n: { type: 'integer' } } },
  };
  const catalog = {
    streams: [{ stream, sync_mode: 'incremental', destination_sync_mode: 'append_dedup', primary_key: [['id']] }],
  };
  await writeFile(join(place.folder, 'catalog.json'), JSON.stringify(catalog));
  const record = (data: object) => JSON.stringify({ type: 'RECORD', record: { stream: 'notes', data, emitted_at: 1 } });
  const input = [
    record({ id: '1', n: spoken, extra: spoken }),
    record({ n: 1, id: null, other: spoken }),
    `{"type":"RECORD","record":{"stream":"notes","data":{"id":"${spoken}"`,
    `stray ${spoken}`,
    '',
  ].join('\n');
  const args = ['load', '--to', 'loaded.duckdb', '--catalog', 'catalog.json', '-vv'];
  say('load', await runGongElt(args, { cwd: place.folder, input }));

  // What fails says more, so it is tried as well.
  say('wrong key', await run(['sync'], { GONG_ACCESS_KEY_SECRET: `${sandbox.gongAccessKeySecret}x` }));
  say('key in the wrong place', await run(['check', `--gong-access-key-secret=${sandbox.gongAccessKeySecret}`]));
  say(
    'key as a number of requests',
    await run(['check'], { GONG_ELT_GONG_REQUESTS_PER_DAY: sandbox.gongAccessKeySecret }),
  );
  const misled = {
    GONG_ELT_WORKSPACE_LABEL: `x ${sandbox.semarizeApiKey}`,
    GONG_ELT_SEMARIZE_KEY: sandbox.semarizeApiKey,
  };
  say('key in another setting', await run(['config', 'show', '--json'], misled));
  sandbox.faults.add({
    on: 'POST /v2/calls/extensive',
    times: 9,
    do: faultAnswers.status(418, sandbox.gongAccessKeySecret),
  });
  say('answer that repeats the key', await run(['plan']));

  const rows = await run([
    'query',
    'select text, p.name, p.email from transcripts t join calls c using (call_id), unnest(c.parties) u(p)',
    '--json',
  ]);
  const found = JSON.parse(rows.stdout) as { text: string; name: string | null; email: string | null }[];
  words = [
    spoken,
    ...new Set(
      found.flatMap(({ text, name, email }) => [
        name,
        email,
        ...text.split(/[\n.?!]/).map((part) => part.replace(/^.*?\): /, '').trim()),
      ]),
    ),
  ]
    .filter((word) => word !== null)
    .filter((word) => word.length >= 10);
}, 180_000);
afterAll(() => place.close());

describe('what commands say at -vv', () => {
  it('was said by every command that neither prints keys nor runs for ever', () => {
    const printsKeys = ['demo', 'sandbox'];
    for (const { name } of commands) if (!printsKeys.includes(name)) expect([...said.keys()], name).toContain(name);
    // runs show says nothing beside its rows.
    for (const [name, text] of said) if (name !== 'runs show') expect(text, name).not.toBe('');
  });

  it('holds no key, in any of six forms', () => {
    const { gongAccessKey, gongAccessKeySecret, semarizeApiKey } = place.sandbox;
    for (const secret of [
      gongAccessKey,
      gongAccessKeySecret,
      semarizeApiKey,
      `${gongAccessKey}:${gongAccessKeySecret}`,
    ]) {
      const bytes = Buffer.from(secret);
      const forms = [
        secret,
        encodeURIComponent(secret),
        JSON.stringify(secret).slice(1, -1),
        bytes.toString('base64'),
        bytes.toString('base64url'),
        bytes.toString('hex'),
      ];
      for (const [name, text] of said)
        for (const form of forms) expect(text, name).not.toContain(form.replace(/=+$/, ''));
    }
  });

  it('holds no sentence of a transcript, no name and no e-mail address', () => {
    expect(words.length).toBeGreaterThan(100);
    for (const [name, text] of said) for (const word of words) expect(text, name).not.toContain(word);
  });

  it('is not in the names of files either', async () => {
    const names = (await readdir(place.folder)).join('\n');
    for (const word of [...words, place.sandbox.gongAccessKey]) expect(names).not.toContain(word);
  });
});
