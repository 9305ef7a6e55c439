// A sandbox for one test file, and the two clients' plain requests to it.
import { afterEach } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { createVirtualClock, type SandboxClock } from '../../src/sandbox/clock.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.ts';
import { createHandmadeWorld, type HandmadeCall } from '../../src/sandbox/world/handmade-world.ts';

export const noon = Date.UTC(2026, 10, 18, 12);
export const minute = 60_000;
export const hour = 60 * minute;

const open: Sandbox[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((sandbox) => sandbox.close()));
});

/** Closes itself after the test. */
export function closeAfterTest<T extends Sandbox>(sandbox: T): T {
  open.push(sandbox);
  return sandbox;
}

/** The clock stands at noon; Gong's request rate is off unless asked for. */
export async function openSandbox(
  options: Partial<SandboxOptions> & { calls?: HandmadeCall[] } = {},
): Promise<Sandbox & { clock: SandboxClock }> {
  const { calls = [{ started: noon - 5 * hour }], settings, ...rest } = options;
  const clock = createVirtualClock(noon, 'wait');
  const sandbox = await startSandbox({
    world: createHandmadeWorld(calls),
    clock,
    settings: { gongRequestsPerSecond: Number.POSITIVE_INFINITY, ...settings },
    ...rest,
  });
  return { ...closeAfterTest(sandbox), clock };
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  /** The parsed body; `{}` when it is no JSON. */
  json: Body;
}

/** What the tests look at, of either service. */
export interface Body {
  requestId?: string;
  errors?: string[];
  error?: string;
  records?: { totalRecords: number; currentPageSize: number; currentPageNumber: number; cursor?: string };
  calls?: CallBody[];
  call?: JsonObject;
  callTranscripts?: {
    callId: string;
    transcript: {
      speakerId: string | null;
      topic: string | null;
      sentences: { start: number; end: number; text: string }[];
    }[];
  }[];
  users?: JsonObject[];
  workspaces?: JsonObject[];
  run_id?: string;
  status?: string;
  run_type?: string;
  kit_version_id?: string;
  output?: {
    kit_code: string;
    bricks: Record<string, { value?: unknown; confidence?: number; reason?: string; evidence?: unknown }>;
  };
  error_code?: string;
  error_user_message?: string;
  retry_after_seconds?: number;
  runs?: { run_id: string; status: string }[];
  bricks?: unknown;
}

export interface CallBody {
  /** Of `/v2/calls`, where calls are flat. */
  id?: string;
  metaData: {
    id: string;
    title: string;
    started: string;
    scheduled: string;
    isPrivate: boolean;
    [key: string]: unknown;
  };
  context?: {
    system: string;
    objects: { objectType: string; objectId: string; timing?: string; fields: { name: string; value: unknown }[] }[];
  }[];
  parties?: { id: string; speakerId: string | null; affiliation: string; [key: string]: unknown }[];
  content?: JsonObject;
  interaction?: JsonObject;
  collaboration?: JsonObject;
  media?: { audioUrl: string; videoUrl?: string };
}

export function basic(sandbox: Sandbox): string {
  return `Basic ${Buffer.from(`${sandbox.gongAccessKey}:${sandbox.gongAccessKeySecret}`).toString('base64')}`;
}

export async function ask(sandbox: Sandbox, path: string, init: RequestInit = {}): Promise<Reply> {
  const answer = await fetch(`${sandbox.url}${path}`, { redirect: 'manual', ...init });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, json: parse(text) };
}

function parse(text: string): Body {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return {};
  }
}

/** A Gong POST with the right key. */
export function postGong(sandbox: Sandbox, path: string, body: unknown): Promise<Reply> {
  return ask(sandbox, path, {
    method: 'POST',
    headers: { authorization: basic(sandbox), 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

export function getGong(sandbox: Sandbox, path: string): Promise<Reply> {
  return ask(sandbox, path, { headers: { authorization: basic(sandbox) } });
}

export const extensive = (sandbox: Sandbox, body: unknown = { filter: {} }) =>
  postGong(sandbox, '/v2/calls/extensive', body);
export const transcripts = (sandbox: Sandbox, body: unknown = { filter: {} }) =>
  postGong(sandbox, '/v2/calls/transcript', body);

export const idsOf = (reply: Reply): string[] => (reply.json.calls ?? []).map((call) => call.metaData?.id ?? call.id);
export const transcriptIdsOf = (reply: Reply): string[] =>
  (reply.json.callTranscripts ?? []).map((transcript) => transcript.callId);

export const kitA = 'A1B2C3D4';
export const kitB = '6AD3F0B6';

export interface RunOptions {
  key?: string;
  body?: unknown;
  apiKey?: string;
}

/** POST /v1/runs; without a body: kit A on a text that no call has. */
export function postRun(
  sandbox: Sandbox,
  { key, body, apiKey = sandbox.semarizeApiKey }: RunOptions = {},
): Promise<Reply> {
  return ask(sandbox, '/v1/runs', {
    method: 'POST',
    headers: {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: typeof body === 'string' ? body : JSON.stringify(body ?? runBody()),
  });
}

export function runBody(text = 'Ada (rep): Hello there.', kit = kitA): JsonObject {
  return { kit_code: kit, input: { transcript: text } };
}

export function getSemarize(sandbox: Sandbox, path: string, apiKey = sandbox.semarizeApiKey): Promise<Reply> {
  return ask(sandbox, path, { headers: { authorization: `Bearer ${apiKey}` } });
}

/** Polls until the run has ended; at most ten times. */
export async function finishRun(sandbox: Sandbox, runId: string | undefined): Promise<Reply> {
  for (let poll = 0; poll < 10; poll++) {
    const reply = await getSemarize(sandbox, `/v1/runs/${runId}`);
    if (reply.json.status !== 'queued' && reply.json.status !== 'running') return reply;
  }
  throw new Error(`run ${runId} did not end`);
}

/** The text of a call as a client would send it, by asking for its transcript. */
export async function textOfCall(sandbox: Sandbox, callId: string, form: 'text' | 'turns' = 'text'): Promise<unknown> {
  const reply = await transcripts(sandbox, { filter: { callIds: [callId] } });
  const turns = (reply.json.callTranscripts?.[0]?.transcript ?? []).map(({ sentences }) =>
    sentences.map(({ text }) => text).join(' '),
  );
  if (form === 'turns') return turns.map((text) => ({ speaker: 'Ada Young (rep)', text }));
  return turns.map((text) => `Ada Young (rep): ${text}`).join('\n');
}
