// CRM context of a call: which deal it belongs to, and what was known of it at the time of the call and is known now.
import type { JsonValue } from '../core/json.ts';
import { isStorable, toIsoInstant } from './instants.ts';
import { present } from './lists.ts';
import type { CrmObject } from './row-schemas.ts';
import type { GongCall } from './schemas.ts';

/** Field names of Salesforce, then of HubSpot. */
const fieldNames = {
  name: ['Name', 'dealname', 'name'],
  stage: ['StageName', 'dealstage'],
  amount: ['Amount', 'amount'],
  closeDate: ['CloseDate', 'closedate'],
  probability: ['Probability', 'hs_deal_stage_probability'],
  type: ['Type', 'dealtype'],
  currency: ['CurrencyIsoCode', 'deal_currency_code'],
  isClosed: ['IsClosed', 'hs_is_closed'],
  isWon: ['IsWon', 'hs_is_closed_won'],
} as const;

const closedStages = new Set(['closed won', 'closed lost', 'closedwon', 'closedlost']);

/** What one reading of an opportunity says; unset is null. */
export interface DealReading {
  readonly name: string | null;
  readonly stage: string | null;
  readonly amount: number | null;
  /** `YYYY-MM-DD`. */
  readonly closeDate: string | null;
  readonly probability: number | null;
  readonly type: string | null;
  readonly currency: string | null;
  readonly isClosed: boolean | null;
  readonly isWon: boolean | null;
}

export interface Deal {
  readonly id: string;
  readonly system: string | null;
  readonly atCall: DealReading | undefined;
  readonly now: DealReading | undefined;
}

/** The objects of the context, one row per object and timing. */
export function toCrmObjects(contexts: GongCall['context']): CrmObject[] {
  return present(contexts).flatMap((context) =>
    present(context.objects).map((object) => ({
      system: context.system ?? null,
      object_type: object.objectType ?? null,
      object_id: object.objectId ?? null,
      timing: object.timing ?? null,
      fields: Object.fromEntries(present(object.fields).map(({ name, value }) => [name, (value ?? null) as JsonValue])),
    })),
  );
}

/** The opportunities of a call, each with its readings, by id. */
export function dealsOf(objects: readonly CrmObject[]): Deal[] {
  const byId = new Map<string, Deal>();
  for (const object of objects) {
    if (object.object_type?.toLowerCase() !== 'opportunity' || object.object_id === null) continue;
    const known = byId.get(object.object_id);
    const reading = readDeal(object.fields ?? {});
    const isThen = object.timing?.toLowerCase() === 'timeofcall';
    byId.set(object.object_id, {
      id: object.object_id,
      system: object.system,
      atCall: isThen ? reading : known?.atCall,
      now: isThen ? known?.now : reading,
    });
  }
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/**
 * The deal a call counts for: of those not closed at the time of the call the one with the earliest close date on or after
 * it, else (stale dates are common) the one with the latest; ties go to the smallest id. None was open: none.
 * @param startedAt milliseconds since the epoch
 */
export function primaryDeal(deals: readonly Deal[], startedAt: number): Deal | undefined {
  const callDay = new Date(startedAt).toISOString().slice(0, 10);
  const open = deals.filter((deal) => !wasClosed(deal.atCall));
  const dateOf = (deal: Deal) => deal.atCall?.closeDate ?? deal.now?.closeDate ?? '';
  const ahead = open.filter((deal) => dateOf(deal) >= callDay);
  const [soonest] = [...ahead].sort((a, b) => compare(dateOf(a), dateOf(b)) || compare(a.id, b.id));
  const [latest] = [...open].sort((a, b) => compare(dateOf(b), dateOf(a)) || compare(a.id, b.id));
  return soonest ?? latest;
}

/** Closed by flag, else by the usual names of closed stages. */
export function wasClosed(reading: DealReading | undefined): boolean {
  return reading?.isClosed ?? closedStages.has(reading?.stage?.toLowerCase() ?? '');
}

/** The account of a call: what is known now, else then. */
export function accountOf(objects: readonly CrmObject[]): { id: string; name: string | null } | undefined {
  const accounts = objects.filter((object) => object.object_type?.toLowerCase() === 'account');
  const account = accounts.find((object) => object.timing?.toLowerCase() !== 'timeofcall') ?? accounts[0];
  if (account === undefined || account.object_id === null) return undefined;
  return { id: account.object_id, name: textOf(pick(account.fields ?? {}, fieldNames.name)) };
}

function readDeal(fields: Readonly<Record<string, JsonValue>>): DealReading {
  return {
    name: textOf(pick(fields, fieldNames.name)),
    stage: textOf(pick(fields, fieldNames.stage)),
    amount: numberOf(pick(fields, fieldNames.amount)),
    closeDate: dayOf(pick(fields, fieldNames.closeDate)),
    probability: numberOf(pick(fields, fieldNames.probability)),
    type: textOf(pick(fields, fieldNames.type)),
    currency: textOf(pick(fields, fieldNames.currency)),
    isClosed: flagOf(pick(fields, fieldNames.isClosed)),
    isWon: flagOf(pick(fields, fieldNames.isWon)),
  };
}

function pick(fields: Readonly<Record<string, JsonValue>>, names: readonly string[]): JsonValue {
  for (const name of names) if (Object.hasOwn(fields, name)) return fields[name] ?? null;
  return null;
}

function textOf(value: JsonValue): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  return typeof value === 'number' ? String(value) : null;
}

function numberOf(value: JsonValue): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^[+-]?\d+(\.\d+)?$/.test(value.trim())) return null;
  return Number(value);
}

/** CRM systems send flags as booleans or as the words. */
function flagOf(value: JsonValue): boolean | null {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return null;
  const word = value.trim().toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : null;
}

function dayOf(value: JsonValue): string | null {
  if (typeof value === 'string' && !/^\d{12,14}$/.test(value)) return toIsoInstant(value)?.slice(0, 10) ?? null;
  // HubSpot sends milliseconds, as a number or as text.
  const ms = typeof value === 'boolean' || typeof value === 'object' ? Number.NaN : Number(value);
  return isStorable(ms) ? new Date(ms).toISOString().slice(0, 10) : null;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
