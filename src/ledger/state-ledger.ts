// The ledger under a host: the in-flight list and the done set inside the state of `semarize_runs`. It is as durable as the
// host keeps its states; the keys' determinism and Semarize's memory of them cover the gap.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ConnectorError } from '../core/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import type { Ledger, LedgerEntry } from '../core/ledger.ts';
import { createEntryIndex, subjectKey } from './entries.ts';

export interface StateLedger extends Ledger {
  /** The two members of the state. */
  toState(): { inFlight: JsonObject; done: string };
  /** Do intents wait for a state that holds them? */
  isDirty(): boolean;
  /** The caller has emitted a state made by `toState`: writes that wait for it resolve. */
  emitted(): void;
}

const inFlightSchema = z.object({
  status: z.enum(['intent', 'accepted', 'frozen', 'lost']),
  call: z.string(),
  kit: z.string(),
  version: z.string().nullable(),
  hash: z.string(),
  input: z.enum(['text', 'turns']),
  attempt: z.number(),
  created: z.number(),
  started_at: z.string(),
  chars: z.number(),
  body_sha256: z.string(),
  run_id: z.string().optional(),
  reason: z.string().optional(),
});

/** One member of the done set: the day on which the call started (since the epoch), and a hash of (call, kit, version). */
const dayBytes = 2;
const hashBytes = 6;
/** Members kept, those of the latest calls: several times the calls of a deep look-back that a state is sized for. */
const mostMembers = 60_000;
const dayMs = 86_400_000;

type Subject = Pick<LedgerEntry, 'callId' | 'kit' | 'version'>;

/** Which members of the done set are still asked for; the others are dropped. */
export interface Needed {
  /** Those of calls that start at or after it; milliseconds since the epoch. */
  readonly from: number;
  /** And these. */
  readonly subjects: Iterable<Subject>;
}

/** @throws ConnectorError area `config` when `saved` is not of the form of `toState`. */
export function createStateLedger(saved: { inFlight?: JsonValue; done?: JsonValue }, needed: Needed): StateLedger {
  const index = createEntryIndex();
  const done = unpack(saved.done, needed);
  let waiting: (() => void)[] = [];
  let dirty = false;

  for (const [key, value] of Object.entries(isJsonObject(saved.inFlight) ? saved.inFlight : {})) {
    const item = inFlightSchema.safeParse(value).data;
    if (item === undefined) throw broken();
    index.put({
      key,
      status: item.status,
      callId: item.call,
      kit: item.kit,
      version: item.version,
      transcriptHash: item.hash,
      input: item.input,
      attempt: item.attempt,
      createdAt: item.created,
      startedAt: item.started_at,
      inputChars: item.chars,
      bodySha256: item.body_sha256,
      ...(item.run_id === undefined ? {} : { runId: item.run_id }),
      ...(item.reason === undefined ? {} : { reason: item.reason }),
    });
  }

  function settle(entry: LedgerEntry): void {
    index.remove(entry.key);
    done.set(hashOf(entry), Math.max(0, Math.floor(Date.parse(entry.startedAt) / dayMs)));
  }

  return {
    find(subject) {
      return index.find(subject) ?? (done.has(hashOf(subject)) ? settledEntry(subject) : undefined);
    },
    knowsRun: (runId) => index.knowsRun(runId),
    *open() {
      for (const entry of index.values()) if (entry.status !== 'skipped') yield entry;
    },
    async write(entries) {
      // A refusal is as final as a result; other skips are found out anew.
      for (const entry of entries) {
        if (entry.isRefused) settle(entry);
        else index.put(entry);
      }
      // Only an intent must be out before what it announces; the rest goes along with the next state.
      if (!entries.some((entry) => entry.status === 'intent')) return;
      dirty = true;
      await new Promise<void>((resolve) => waiting.push(resolve));
    },
    toState() {
      const inFlight: JsonObject = {};
      for (const entry of index.values()) {
        // A terminal entry is still in flight for a host that has not got its row: its run is read again.
        const status = entry.status === 'terminal' ? 'accepted' : entry.status;
        if (status === 'skipped') continue;
        inFlight[entry.key] = {
          status,
          call: entry.callId,
          kit: entry.kit,
          version: entry.version,
          hash: entry.transcriptHash,
          input: entry.input,
          attempt: entry.attempt,
          created: entry.createdAt,
          started_at: entry.startedAt,
          chars: entry.inputChars,
          body_sha256: entry.bodySha256,
          ...(entry.runId === undefined ? {} : { run_id: entry.runId }),
          ...(entry.reason === undefined ? {} : { reason: entry.reason }),
        };
      }
      return { inFlight, done: pack(done) };
    },
    isDirty: () => dirty,
    emitted() {
      dirty = false;
      const resolved = waiting;
      waiting = [];
      for (const resolve of resolved) resolve();
    },
    rowEmitted: settle,
  };
}

function settledEntry({ callId, kit, version }: Subject): LedgerEntry {
  return {
    callId,
    kit,
    version,
    key: '',
    status: 'terminal',
    transcriptHash: '',
    attempt: 0,
    input: 'text',
    createdAt: 0,
    startedAt: '',
    inputChars: 0,
    bodySha256: '',
  };
}

function hashOf(subject: Subject): string {
  return createHash('sha256').update(subjectKey(subject)).digest().toString('latin1', 0, hashBytes);
}

function pack(done: ReadonlyMap<string, number>): string {
  let members = [...done];
  if (members.length > mostMembers) members = members.sort(([, a], [, b]) => b - a).slice(0, mostMembers);
  let all = '';
  for (const [hash, day] of members) all += String.fromCharCode(day >> 8, day & 255) + hash;
  return Buffer.from(all, 'latin1').toString('base64');
}

function unpack(packed: JsonValue | undefined, needed: Needed): Map<string, number> {
  const members = new Map<string, number>();
  const firstDay = Math.floor(needed.from / dayMs);
  const wanted = new Set([...needed.subjects].map(hashOf));
  const bytes = Buffer.from(typeof packed === 'string' ? packed : '', 'base64');
  for (let at = 0; at + dayBytes + hashBytes <= bytes.length; at += dayBytes + hashBytes) {
    const day = bytes.readUInt16BE(at);
    const hash = bytes.toString('latin1', at + dayBytes, at + dayBytes + hashBytes);
    if (day >= firstDay || wanted.has(hash)) members.set(hash, day);
  }
  return members;
}

function broken(): ConnectorError {
  return new ConnectorError('The state of semarize_runs is damaged (at inFlight); it is not taken for an empty one.', {
    area: 'config',
    fields: { stream: 'semarize_runs' },
    hint: 'restore the state from a backup: it says what was paid for',
  });
}
