// Can this configuration do what it is for? One small real request per right; nothing is bought.
import type { Clock } from '../core/clock.ts';
import { type ConnectorError, type ErrorArea, StoppedError, toConnectorError } from '../core/errors.ts';
import type { GongConnection } from '../gong/connect.ts';
import type { SemarizeClient } from '../semarize/client.ts';
import { keyClassOf } from '../semarize/run-body.ts';
import type { SourceConfig } from './config.ts';
import { dayMs } from './windows.ts';

export interface CheckRow {
  readonly level: 'ok' | 'warn' | 'fail';
  readonly name: string;
  readonly detail: string;
  readonly nextStep?: string | undefined;
  /** Of a failure: decides the exit code. */
  readonly area?: ErrorArea | undefined;
}

export async function checkSource(
  config: SourceConfig,
  gong: GongConnection,
  semarize: SemarizeClient | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<CheckRow[]> {
  return [...(await checkGong(config, gong, clock, signal)), ...(await checkSemarize(config, semarize, signal))];
}

async function checkGong(
  config: SourceConfig,
  { client, http }: GongConnection,
  clock: Clock,
  signal: AbortSignal,
): Promise<CheckRow[]> {
  const rows: CheckRow[] = [];
  const host = new URL(config.gong_base_url).host;
  const until = clock.now();
  let ids: string[];
  try {
    const first = await client
      .listCalls({ from: until - 7 * dayMs, until, workspaceId: config.workspace_ids[0] }, signal)
      .next();
    ids = (first.value?.calls ?? []).map((call: { metaData: { id: string } }) => call.metaData.id);
  } catch (error) {
    return [failure('gong calls', error)];
  }
  rows.push({ level: 'ok', name: 'gong key', detail: `accepted by ${host}` });
  const seconds = ((http.serverNow() ?? until) - clock.now()) / 1000;
  rows.push(
    Math.abs(seconds) > 300
      ? {
          level: 'warn',
          name: 'clock',
          detail: `${Math.round(seconds)} s from Gong's`,
          nextStep: 'set the clock of this machine; until then the earlier of the two counts',
        }
      : { level: 'ok', name: 'clock', detail: `${seconds.toFixed(1)} s from Gong's` },
  );
  rows.push(
    ids.length > 0
      ? {
          level: 'ok',
          name: 'gong calls',
          detail: `api:calls:read:extensive: ${ids.length}${ids.length >= 100 ? ' or more' : ''} calls in the last 7 days`,
        }
      : {
          level: 'warn',
          name: 'gong calls',
          detail: 'no calls in the last 7 days: there are none, or the key may not see them (Gong answers alike)',
          nextStep: 'a Gong technical administrator checks whose calls the owner of the key may see',
        },
  );
  rows.push(
    await probe('gong transcript', async () => {
      const found = await client.getTranscripts([ids[0] ?? '1'], signal);
      return found.size > 0 ? 'api:calls:read:transcript: readable' : 'api:calls:read:transcript: accepted';
    }),
  );
  const users = await probe('gong users', async () => `api:users:read: ${(await client.getUsers(signal)).size} users`);
  rows.push(
    users.level === 'fail'
      ? {
          ...users,
          level: 'warn',
          area: undefined,
          detail: `${users.detail} Owners who are not among a call's parties stay without a name`,
        }
      : users,
  );
  return rows;
}

async function checkSemarize(
  config: SourceConfig,
  client: SemarizeClient | undefined,
  signal: AbortSignal,
): Promise<CheckRow[]> {
  if (client === undefined || config.semarize_api_key === undefined)
    return [{ level: 'ok', name: 'semarize key', detail: 'none: the stream semarize_runs is not offered' }];
  const isTest = keyClassOf(config.semarize_api_key) === 'test';
  const key = await probe('semarize key', async () => {
    await client.listRuns(1, signal);
    return isTest ? 'accepted; a test key: its runs are marked as sandbox and kept out of the marts' : 'accepted';
  });
  if (key.level === 'fail') return [key];
  const rows = [isTest ? { ...key, level: 'warn' as const } : key];
  for (const kit of config.kits) {
    const name = `kit ${kit.code}`;
    try {
      const { status, code } = await client.probeKit(kit.code, kit.version_id, signal);
      if (status === 404)
        rows.push({
          level: 'fail',
          name,
          detail: `Semarize knows no such kit${kit.version_id ? ' or version' : ''} (${code})`,
          nextStep: 'copy the kit code from Semarize into `kits`; the key must belong to the same workspace',
          area: 'config',
        });
      else if (status === 200)
        rows.push({
          level: 'ok',
          name,
          detail: kit.version_id === undefined ? 'known; no version pinned' : `known; version ${kit.version_id} pinned`,
        });
      // What this endpoint answers is not documented in full: an odd answer is no failure.
      else rows.push({ level: 'warn', name, detail: `the kit could not be looked up (status ${status})` });
    } catch (error) {
      const { detail } = failure(name, error);
      rows.push({ level: 'warn', name, detail });
    }
  }
  return rows;
}

async function probe(name: string, ask: () => Promise<string>): Promise<CheckRow> {
  try {
    return { level: 'ok', name, detail: await ask() };
  } catch (error) {
    return failure(name, error);
  }
}

function failure(name: string, error: unknown): CheckRow {
  if (error instanceof StoppedError) throw error;
  const { message, hint, area }: ConnectorError = toConnectorError(error);
  return { level: 'fail', name, detail: message, nextStep: hint, area };
}
