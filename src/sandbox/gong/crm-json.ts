// The CRM context of a call: account and opportunities, now and at the time of the call, with field values of mixed types.
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { createRandom } from '../random.ts';
import { dealAt } from '../world/deals.ts';
import { formatDay } from '../world/time.ts';
import type { Account, Deal, World, WorldCall } from '../world/world.ts';

type Timing = 'Now' | 'TimeOfCall';

/** @param timings undefined: objects without fields (context Basic). */
export function toCrmContext(
  world: World,
  call: WorldCall,
  timings: readonly Timing[] | undefined,
  nowMs: number,
): JsonValue[] {
  if (world.crm === 'none' || !call.account) return [];
  const { account } = call;
  const objects: JsonObject[] = [];
  for (const deal of call.deals) {
    if (!timings) objects.push({ objectType: 'Opportunity', objectId: deal.id, fields: [] });
    for (const timing of timings ?? [])
      objects.push({
        objectType: 'Opportunity',
        objectId: deal.id,
        fields: toOpportunityFields(world, deal, timing === 'Now' ? nowMs : call.startedMs),
        timing,
      });
  }
  if (!timings) objects.push({ objectType: 'Account', objectId: account.id, fields: [] });
  for (const timing of timings ?? [])
    objects.push({ objectType: 'Account', objectId: account.id, fields: toAccountFields(account), timing });
  return [{ system: world.crm, objects }];
}

function toOpportunityFields(world: World, deal: Deal, ms: number): JsonObject[] {
  const state = dealAt(deal, ms);
  // One CRM sends numbers and flags as themselves, another as text; which one is a matter of the field's set-up there.
  const asText = world.oddities > 0 && createRandom(world.seed, 'types', deal.id).chance(0.3);
  const flag = (value: boolean): JsonValue => (asText ? String(value) : value);
  return toFields({
    Name: deal.name,
    LeadSource: deal.leadSource,
    Type: deal.type,
    StageName: state.stage,
    Probability: state.probability,
    Amount: asText ? state.amount.toFixed(2) : state.amount,
    CloseDate: formatDay(state.closeMs),
    CurrencyIsoCode: deal.currency,
    IsClosed: flag(state.isClosed),
    IsWon: flag(state.isWon),
  });
}

function toAccountFields(account: Account): JsonObject[] {
  return toFields({ Name: account.name, Website: `https://www.${account.domain}`, Industry: account.industry });
}

function toFields(fields: Readonly<Record<string, JsonValue>>): JsonObject[] {
  return Object.entries(fields).map(([name, value]) => ({ name, value }));
}
