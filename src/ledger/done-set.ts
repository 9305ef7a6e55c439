// Which calls are done for which kits, in few bytes: the part of a host's state that guards money. It is bounded, and what does not
// fit is not forgotten but marked: of calls before that mark nothing is bought by itself.
import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { isJsonObject } from '../core/json.ts';

export interface DoneSet {
  /** @param kit `CODE` or `CODE@VERSION` */
  has(kit: string, callId: string): boolean;
  /** @param startedAt ISO instant at which the call started */
  add(kit: string, callId: string, startedAt: string): void;
  /** Calls of this kit that start before it may be done and forgotten; ms since the epoch. */
  rememberedFrom(kit: string): number;
  /** Names of the kits that anything is done for. */
  kits(): Iterable<string>;
  toState(): JsonObject;
}

/** From where on each kit still asks; ms since the epoch. What is done before it is guarded by the kit's bookmark alone. */
export type NeededFrom = ReadonlyMap<string, number>;

const dayMs = 86_400_000;
/** 2^-48 for two calls to be taken for the same one. */
const hashBytes = 6;
/** Calls that are remembered, those that started last: 240 KiB of state with two kits. */
const mostCalls = 26_000;

/**
 * @param saved what `toState` made, or undefined
 * @returns undefined when `saved` is not of that form
 */
export function createDoneSet(saved: JsonValue | undefined, needed: NeededFrom): DoneSet | undefined {
  /** By kit: hash of the call → day on which it started, since the epoch. */
  const done = new Map<string, Map<string, number>>();
  const floors = new Map<string, number>();
  if (saved !== undefined) {
    const parsed = parse(saved);
    if (parsed === undefined) return undefined;
    for (const [kit, day] of parsed.floors) floors.set(kit, day);
    for (const { kit, hash, day } of parsed.members) if (day >= firstDay(kit)) put(kit, hash, day);
  }

  /** A kit that is not known to anybody keeps all it has. */
  function firstDay(kit: string): number {
    return Math.floor((needed.get(kit) ?? Number.NEGATIVE_INFINITY) / dayMs);
  }

  function put(kit: string, hash: string, day: number): void {
    const members = done.get(kit) ?? new Map<string, number>();
    done.set(kit, members.set(hash, day));
  }

  /** Drops the oldest days until the rest fits, and marks up to where. */
  function makeRoom(): void {
    const calls = new Map<string, number>();
    for (const members of done.values()) for (const [hash, day] of members) calls.set(hash, day);
    if (calls.size <= mostCalls) return;
    const days = [...calls.values()].sort((a, b) => a - b);
    const kept = (days[days.length - mostCalls - 1] ?? 0) + 1;
    for (const [kit, members] of done) {
      // What another kit forgets says nothing about this one: its later calls were never done, and may be bought.
      let floor = floors.get(kit) ?? 0;
      for (const [hash, day] of members)
        if (day < kept) {
          members.delete(hash);
          floor = Math.max(floor, day + 1);
        }
      if (floor > 0) floors.set(kit, floor);
    }
  }

  return {
    has: (kit, callId) => done.get(kit)?.has(hashOf(callId)) === true,
    add: (kit, callId, startedAt) => put(kit, hashOf(callId), Math.max(0, Math.floor(Date.parse(startedAt) / dayMs))),
    rememberedFrom: (kit) => (floors.get(kit) ?? Number.NEGATIVE_INFINITY) * dayMs,
    kits: () => done.keys(),
    toState() {
      makeRoom();
      const kits = [...done.keys()].filter((kit) => (done.get(kit)?.size ?? 0) > 0);
      const from = Object.fromEntries(floors);
      return {
        kits,
        calls: pack(kits.map((kit) => done.get(kit) ?? new Map())),
        ...(floors.size === 0 ? {} : { from }),
      };
    },
  };
}

function hashOf(callId: string): string {
  return createHash('sha256').update(callId).digest().toString('latin1', 0, hashBytes);
}

/** By day: the day (2 bytes), the number of its calls (3 bytes), and of each call its hash and a bit for each kit. */
function pack(kits: readonly ReadonlyMap<string, number>[]): string {
  const maskBytes = Math.ceil(kits.length / 8);
  const days = new Map<number, Map<string, Buffer>>();
  for (const [index, members] of kits.entries())
    for (const [hash, day] of members) {
      const calls = days.get(day) ?? new Map<string, Buffer>();
      days.set(day, calls);
      const mask = calls.get(hash) ?? Buffer.alloc(maskBytes);
      mask[index >> 3] = (mask[index >> 3] ?? 0) | (1 << (index & 7));
      calls.set(hash, mask);
    }
  const parts: Buffer[] = [];
  for (const [day, calls] of [...days].sort(([a], [b]) => a - b)) {
    const head = Buffer.alloc(5);
    head.writeUInt16BE(Math.min(day, 0xffff));
    head.writeUIntBE(calls.size, 2, 3);
    parts.push(head);
    for (const [hash, mask] of calls) parts.push(Buffer.from(hash, 'latin1'), mask);
  }
  return Buffer.concat(parts).toString('base64');
}

interface Parsed {
  readonly members: readonly { kit: string; hash: string; day: number }[];
  readonly floors: readonly (readonly [string, number])[];
}

function parse(saved: JsonValue): Parsed | undefined {
  if (!isJsonObject(saved)) return undefined;
  const { kits, calls, from = {} } = saved;
  if (!Array.isArray(kits) || typeof calls !== 'string' || !isJsonObject(from)) return undefined;
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(calls)) return undefined;
  const maskBytes = Math.ceil(kits.length / 8);
  const bytes = Buffer.from(calls, 'base64');
  const members: { kit: string; hash: string; day: number }[] = [];
  let at = 0;
  while (at + 5 <= bytes.length) {
    const day = bytes.readUInt16BE(at);
    const count = bytes.readUIntBE(at + 2, 3);
    at += 5;
    if (at + count * (hashBytes + maskBytes) > bytes.length) return undefined;
    for (let call = 0; call < count; call++) {
      const hash = bytes.toString('latin1', at, at + hashBytes);
      for (const [index, kit] of kits.entries())
        if (((bytes[at + hashBytes + (index >> 3)] ?? 0) >> (index & 7)) & 1)
          members.push({ kit: String(kit), hash, day });
      at += hashBytes + maskBytes;
    }
  }
  if (at !== bytes.length) return undefined;
  const floors = Object.entries(from).map(([kit, day]) => [kit, Number(day)] as const);
  return { members, floors };
}
