// The ledger under a host: the in-flight list and the done set inside the state of `semarize_runs`. It is as durable as the
// host keeps its states; the keys' determinism and Semarize's memory of them cover the gap.
import { createHash } from 'node:crypto';
import { z } from 'zod';
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

/** Bytes of one member of the done set: a hash of (call, kit, version). */
const memberBytes = 6;
/** Newest members kept: twice the calls of a deep look-back that a state is sized for. */
const mostMembers = 20_000;

/** @throws when `saved` is not of the form of `toState` (the caller says which stream's state is broken). */
export function createStateLedger(saved: { inFlight?: JsonValue; done?: JsonValue }): StateLedger {
  const index = createEntryIndex();
  const done = new Set<string>(unpack(saved.done));
  let waiting: (() => void)[] = [];
  let dirty = false;

  for (const [key, value] of Object.entries(isJsonObject(saved.inFlight) ? saved.inFlight : {})) {
    const item = inFlightSchema.parse(value);
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

  return {
    find(subject) {
      const entry = index.find(subject);
      if (entry !== undefined && !isGone(entry)) return entry;
      return done.has(memberOf(subject)) ? settledEntry(subject) : undefined;
    },
    knowsRun: (runId) => index.knowsRun(runId),
    *open() {
      for (const entry of index.values()) if (!isGone(entry) && entry.status !== 'skipped') yield entry;
    },
    async write(entries) {
      for (const entry of entries) index.put(entry);
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
        if (isGone(entry) || status === 'skipped') continue;
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
    rowEmitted(entry) {
      const { result: _, body: __, ...stub } = entry;
      index.put({ ...stub, status: 'terminal', reason: 'settled' });
      const member = memberOf(entry);
      done.delete(member);
      done.add(member);
      for (const oldest of done) {
        if (done.size <= mostMembers) break;
        done.delete(oldest);
      }
    },
  };
}

function isGone(entry: LedgerEntry): boolean {
  return entry.status === 'terminal' && entry.reason === 'settled';
}

function settledEntry(subject: { callId: string; kit: string; version: string | null }): LedgerEntry {
  return {
    ...subject,
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

function memberOf(subject: { callId: string; kit: string; version: string | null }): string {
  return createHash('sha256').update(subjectKey(subject)).digest().toString('latin1', 0, memberBytes);
}

function pack(members: Set<string>): string {
  return Buffer.from([...members].join(''), 'latin1').toString('base64');
}

function unpack(packed: JsonValue | undefined): string[] {
  if (typeof packed !== 'string') return [];
  const bytes = Buffer.from(packed, 'base64').toString('latin1');
  const members: string[] = [];
  for (let at = 0; at + memberBytes <= bytes.length; at += memberBytes) members.push(bytes.slice(at, at + memberBytes));
  return members;
}
