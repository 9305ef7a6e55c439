// The ledger under a host: what is in flight, what is done, and the newest runs, inside the state of `semarize_runs`. It is as durable
// as the host keeps its states; the keys' determinism and Semarize's memory of them cover the gap.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ConnectorError } from '../core/errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { isSameVersion, type Ledger, type LedgerEntry, type LedgerQuestion } from '../core/ledger.ts';
import { createDoneSet, type NeededFrom } from './done-set.ts';
import { createEntryIndex } from './entries.ts';
import { createRendezvous, type Rendezvous } from './rendezvous.ts';

export interface StateLedger extends Ledger {
  /** The members of the state. */
  toState(): JsonObject;
  readonly rendezvous: Pick<Rendezvous, 'waiting' | 'emitted'>;
  /** Ids of the runs that were accepted last, the oldest first; empty when the state knows none. */
  readonly newest: readonly string[];
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

/** As many as `GET /v1/runs` ever shows. */
const mostNewest = 100;
/** Intents that come together in one state, as far as there is work meanwhile; see rendezvous.ts. */
const intentsAhead = 128;

export interface Needed {
  /** By kit (`CODE` or `CODE@VERSION`), from where on it still asks; ms since the epoch. */
  readonly from: NeededFrom;
  /** Versions that have answered for a kit without a pinned one, by its code. */
  readonly answers: ReadonlyMap<string, readonly string[]>;
}

export interface SavedLedger {
  readonly inFlight?: JsonValue | undefined;
  readonly done?: JsonValue | undefined;
  readonly newest?: JsonValue | undefined;
}

/** @throws ConnectorError area `config` when `saved` is not of the form of `toState`. */
export function createStateLedger(saved: SavedLedger, needed: Needed): StateLedger {
  const index = createEntryIndex();
  // 0.1.0 kept one text for all kits; what it says stays true until no kit asks that far back.
  const earlier = createEarlierDone(saved.done, Math.min(...needed.from.values()));
  const done = createDoneSet(isJsonObject(saved.done) ? saved.done : undefined, needed.from);
  if (done === undefined) throw broken('done');
  const rendezvous = createRendezvous();
  let newest = Array.isArray(saved.newest) ? saved.newest.filter((id) => typeof id === 'string') : [];

  for (const [key, value] of Object.entries(isJsonObject(saved.inFlight) ? saved.inFlight : {})) {
    const item = inFlightSchema.safeParse(value).data;
    if (item === undefined) throw broken('inFlight');
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
    done?.add(kitName(entry), entry.callId, entry.startedAt);
  }

  /** Kits under whose name the call may be done so that it counts. */
  function* namesOf({ kit, version, apart }: LedgerQuestion): Iterable<string> {
    for (const name of done?.kits() ?? []) {
      const [code = '', pinned = null] = name.split('@');
      if (code !== kit) continue;
      const answers = needed.answers.get(code) ?? [];
      // Of a kit without a pinned version it is not known which call was answered by which.
      const answered = version !== null && answers.includes(version) ? version : undefined;
      const isUnknown = pinned === null && version !== null && answers.length > 0 && answered === undefined;
      if (!isUnknown && isSameVersion({ version: pinned, answered }, { callId: '', kit, version, apart })) yield name;
    }
  }

  return {
    intentsAhead,
    rendezvous,
    get newest() {
      return newest;
    },
    find(question) {
      const found = index.find(question);
      if (found !== undefined) return found;
      for (const name of namesOf(question)) if (done.has(name, question.callId)) return settledEntry(question);
      return earlier.has(question) ? settledEntry(question) : undefined;
    },
    knowsRun: (runId) => index.knowsRun(runId) || newest.includes(runId),
    remembersFrom: (kit) => done.rememberedFrom(kit),
    *open() {
      for (const entry of index.values()) if (entry.status !== 'skipped') yield entry;
    },
    async write(entries) {
      let intents = 0;
      for (const entry of entries) {
        if (entry.status === 'accepted' && entry.runId !== undefined && !newest.includes(entry.runId))
          newest = [...newest, entry.runId].slice(-mostNewest);
        if (entry.status === 'intent') intents += 1;
        // A refusal is as final as a result; other skips are found out anew.
        if (entry.isRefused) settle(entry);
        else index.put(entry);
      }
      // Only an intent must be out before what it announces; the rest goes along with the next state.
      if (intents > 0) await rendezvous.ask(intents);
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
      return { inFlight, done: { ...done.toState(), ...earlier.toState() }, newest };
    },
    rowEmitted: settle,
  };
}

function kitName({ kit, version }: Pick<LedgerEntry, 'kit' | 'version'>): string {
  return version === null ? kit : `${kit}@${version}`;
}

function settledEntry({ callId, kit, version }: LedgerQuestion): LedgerEntry {
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

const earlierHashBytes = 6;
const earlierDayBytes = 2;

/**
 * The done set of 0.1.0: per member the day of the call and a hash of call, kit and version. It cannot be told apart by kits, so it is
 * carried along as it is, in `done.before`, and only ever gets smaller.
 */
function createEarlierDone(saved: JsonValue | undefined, neededFrom: number) {
  const packed = isJsonObject(saved) ? saved['before'] : saved;
  const members = new Map<string, number>();
  const firstDay = Math.floor(neededFrom / 86_400_000);
  const bytes = Buffer.from(typeof packed === 'string' ? packed : '', 'base64');
  const size = earlierDayBytes + earlierHashBytes;
  for (let at = 0; at + size <= bytes.length; at += size) {
    const day = bytes.readUInt16BE(at);
    if (day >= firstDay) members.set(bytes.toString('latin1', at + earlierDayBytes, at + size), day);
  }
  const hashOf = ({ callId, kit, version }: LedgerQuestion) =>
    createHash('sha256')
      .update(JSON.stringify([callId, kit, version ?? '']))
      .digest()
      .toString('latin1', 0, earlierHashBytes);
  return {
    has: (question: LedgerQuestion) => members.has(hashOf(question)),
    toState(): { before?: string } {
      if (members.size === 0) return {};
      let all = '';
      for (const [hash, day] of members) all += String.fromCharCode(day >> 8, day & 255) + hash;
      return { before: Buffer.from(all, 'latin1').toString('base64') };
    },
  };
}

function broken(member: string): ConnectorError {
  return new ConnectorError(`The state of semarize_runs is damaged (at ${member}); it is not taken for an empty one.`, {
    area: 'config',
    stream: 'semarize_runs',
    hint: 'restore the state from a backup: it says what was paid for',
  });
}
