// A company's calls, deals and runs with everything odd that the marts have to get right, made from a seed: several calls a deal,
// versions, re-runs, null beside missing beside false, ties, constants, closing days, two currencies, private and gone calls,
// names in Unicode and quotes.
import { seeded } from './statistics.ts';

type Row = Record<string, unknown>;

export interface HostileWorld {
  calls: Row[];
  transcripts: Row[];
  runs: Row[];
  /** analytics.yaml as parsed. */
  settings: Row;
}

const dayMs = 86_400_000;
/** A Monday, 00:00 UTC. */
const start = Date.UTC(2026, 2, 30);
const iso = (ms: number) => new Date(ms).toISOString();
const date = (ms: number) => iso(ms).slice(0, 10);

/** The kit of the audits: its code has a quote in it. */
export const auditKit = `K'ü"`;

const people = [
  { owner_email: 'Ann@Example.com', owner_name: 'Ann' },
  { owner_email: 'bob@example.com', owner_name: 'Bob "B" Ö' },
  { owner_email: 'ann.two@example.com', owner_name: 'Ann' },
  { owner_email: null, owner_name: 'Nobody' },
  { owner_email: null, owner_name: null },
];

const settings = {
  kits: [
    { code: 'B', label: 'Second by code', win_threshold: 55 },
    { code: 'A', purpose: 'framework', kit_version_id: 'v2' },
    { code: auditKit, purpose: 'pricing_audit', grounded_on: 'Product Docs v4.2' },
  ],
  bricks: [
    { brick_key: 'budget', role: 'signal', in_deal_score: true, weight: 3 },
    { brick_key: 'need', role: 'signal', in_deal_score: true, value_min: 0, value_max: 5 },
    { kit_code: 'B', brick_key: 'need', in_deal_score: false },
    { kit_code: 'B', brick_key: `k"'é`, role: 'signal', in_deal_score: true, direction: -1 },
    { kit_code: 'B', brick_key: 'never asked', in_deal_score: true },
    { brick_key: 'claim_sso', role: 'claim', label: 'SSO on all plans' },
    { brick_key: 'claim_sla', role: 'claim' },
    { brick_key: 'approved_messaging_used', element: 'value_prop', threshold: 0.6 },
  ],
  levels: [
    { brick_key: 'budget', level: 'high', points: 90 },
    { brick_key: 'budget', level: 'low', points: 10 },
    { kit_code: 'A', brick_key: 'budget', level: 'low', points: 20 },
    { brick_key: 'claim_sla', level: 'so-so', meaning: 'imprecise' },
  ],
  sources: [
    { system: 'Zoom', label: 'Zoom' },
    { system: 'MS', label: 'Teams' },
  ],
  people: [
    { email: 'ann@example.com', team: 'EMEA' },
    { email: 'bob@example.com', name: 'Bob', team: 'Süd "1"' },
    { email: 'ann.two@example.com', team: 'US' },
  ],
  enablement: [
    { event_id: 'kickoff', element: 'value_prop', trained_on: '2026-04-20' },
    { event_id: 'kickoff', element: 'pricing', trained_on: '2026-04-20' },
    { event_id: 'again', element: 'value_prop', team: 'EMEA', trained_on: '2026-05-11' },
  ],
  readiness: [
    { item_key: 'budget', label: 'Budget confirmed', brick_key: 'budget', weight: 30 },
    { item_key: 'need', kit_code: 'A', brick_key: 'need', threshold: 60, weight: 20, next_action: 'Ask why' },
    { item_key: 'legal', brick_key: 'legal', weight: 30, next_action: 'Call the lawyers' },
  ],
  settings: { assumed_leakage_rate: 0.08 },
};

/** @param seed decides everything; `size` is the number of calls */
export function buildHostileWorld(seed: number, size = 150): HostileWorld {
  const random = seeded(seed);
  const below = (n: number) => Math.floor(n * random());
  const pick = <T>(...items: T[]): T => items[below(items.length)] as T;
  const often = (share: number) => random() < share;

  const deals = Array.from({ length: Math.ceil(size / 3) }, (_, i) => buildDeal(i));
  function buildDeal(i: number) {
    const won = random() < 0.5;
    const closedAt = start + (35 + below(60)) * dayMs;
    const ended = pick(
      { is_closed_now: true, is_won_now: won, stage_now: 'Anything' },
      { is_closed_now: true, is_won_now: won, stage_now: 'Closed Lost' },
      { is_closed_now: null, is_won_now: null, stage_now: won ? 'closedwon' : 'closedlost' },
      { is_closed_now: false, is_won_now: false, stage_now: 'Stage 3' },
      { is_closed_now: null, is_won_now: null, stage_now: 'Stage 3' },
    );
    return {
      won,
      closedAt,
      columns: {
        opportunity_id: `d${i}`,
        opportunity_name: `Deal "${i}" — ü`,
        opportunity_type: i % 11 === 0 ? 'Renewal' : pick('New Business', null, 'Neukunde'),
        account_name: `Acme ${i % 7} & Söhne`,
        amount_now: pick(null, -500, 0, 85_000, 1234.56),
        currency: pick('EUR', 'USD', null),
        close_date_now: i % 13 === 0 ? null : date(closedAt),
        closed_seen_at: often(0.2) ? iso(closedAt - 2 * dayMs - 1234) : null,
        ...ended,
      },
    };
  }

  const calls = Array.from({ length: size }, (_, i) => buildCall(i));
  function buildCall(i: number): Row {
    const deal = i % 9 === 0 ? undefined : deals[below(deals.length)];
    const day = often(0.1) && deal !== undefined ? deal.closedAt : start + below(75) * dayMs;
    // Midnight, the last minute of a Sunday, and many calls of one instant.
    const startedAt = day + pick(0, 10, 10.5, 23 + 59 / 60) * 3_600_000;
    return {
      call_id: `${9_000_000_000_000_000 + i * 7}`,
      title: pick(null, `Call ${i}`, 'Größe: "Ü"'),
      url: `https://app.gong.io/call?id=${i}`,
      started_at: iso(startedAt),
      duration_s: 1800,
      scope: pick('external', 'internal', 'unknown'),
      system: pick('Zoom', 'MS', 'Dialler', null),
      is_private: i % 23 === 0,
      ...people[below(people.length)],
      opportunity_id: null,
      opportunity_count: deal === undefined ? 0 : 1 + below(2),
      stage_at_call: pick('Discovery', 'Stage 3', 'Discovery', 'Stage 3', 'Closed Won', null),
      transcript_status: pick('available', 'available', 'pending', 'none', 'gave_up', null),
      gone_at: i % 37 === 5 ? '2026-06-20T00:00:00Z' : null,
      context_read_at: iso(start + 90 * dayMs),
      extracted_at: iso(start + 90 * dayMs + i),
      parties: pick([], [{ speaker_id: '1', role: 'prospect', affiliation: 'External' }], null),
      crm_objects: [],
      ...deal?.columns,
    };
  }

  const transcripts = calls.map(({ call_id, started_at }, i) => ({
    call_id,
    started_at,
    text: i % 5 === 0 ? null : `Ann (rep): We support SSO on all plans, really.\nBob (prospect): Größe ${i}!`,
    transcript_hash: `hash-${i % 4}`,
  }));

  const value = (...items: unknown[]): Row => {
    const brick: Row = {
      value: pick<unknown>(null, ...items),
      confidence: pick<unknown>(0.2, 0.5, 0.77, 0.9, null, 1.5, 'x'),
    };
    if (often(0.08)) delete brick['value'];
    if (often(0.4))
      brick['evidence'] = pick<unknown>(['we support SSO on all plans'], 'never said', ['größe', 'made up'], []);
    if (often(0.3)) brick['reason'] = 'Enterprise only';
    return brick;
  };
  const score = (won: boolean) => Math.round(40 + 30 * random() + (won ? 12 : 0));
  const bricksOf = (kit: string, won: boolean): Row => {
    if (kit === auditKit)
      return {
        pricing_tier_correct: value(true, false, 'no boolean'),
        discount_authority_exceeded: value(true, false),
        packaging_outdated: value(false, true),
        commercial_risk_level: value('high', 'medium', 'low', 'HIGH', 'unheard of'),
        feature_accuracy: value(0.72, 1, 0),
        pricing_misstated: value(true, false),
        competitor_claim_valid: value(true, false),
        knowledge_gap: value('enterprise_sso', ['enterprise_sso', 'größe', null, ' '], ''),
        claim_sso: value(true, false, 'Incorrect', 'maybe'),
        claim_sla: value('so-so', 'correct', 5),
        approved_messaging_used: value(true, false),
        drift_category: value('value_prop', 'pricing', 'Ünder'),
        drift_severity: value(0.71, 0.2, 0.9, 1),
      };
    return {
      overall_score: value(...Array.from({ length: 12 }, () => score(won))),
      constant: { value: 7, confidence: 0.9 },
      risk_flag: value(true, false),
      pain_point: value('reports take days', ['a', 'b']),
      budget: value('high', 'low', 'unheard of', true, 33),
      need: value(0, 2.5, 5, false),
      [`k"'é`]: value(true, false, 10),
      legal: value(true, false),
      odd: value({ an: 'object' }, [], 1e300),
    };
  };
  const won = new Map(
    calls.map((call) => [
      call['call_id'],
      deals.find((deal) => deal.columns.opportunity_id === call['opportunity_id'])?.won ?? false,
    ]),
  );
  const runs = calls.flatMap(({ call_id: call }, i) =>
    ['A', 'B', auditKit].flatMap((kit) => {
      if (often(0.1)) return [];
      const times = often(0.15) ? 2 : 1;
      return Array.from({ length: times }, (_, n) => ({
        run_id: `run-${kit}-${i}-${n}`,
        call_id: call,
        kit_code: kit,
        kit_version_id: kit === 'B' ? null : pick('v1', 'v2', 'v2', 'v2'),
        status: pick('succeeded', 'succeeded', 'succeeded', 'succeeded', 'succeeded', 'failed', 'cancelled'),
        is_sandbox: often(0.05),
        origin: pick('connector', 'connector', 'connector', 'connector', 'collected'),
        transcript_hash: `hash-${pick(i % 4, i % 4, 9)}`,
        input_chars: 100 + i,
        duration_ms: pick(null, 900, 1500, 60_000),
        error_code: null as string | null,
        requested_at: iso(start + 91 * dayMs + pick(0, 0, n) * 3_600_000),
        finished_at: iso(start + 91 * dayMs + 4_000_000 + n),
        bricks: bricksOf(kit, won.get(call) ?? false),
      }));
    }),
  );
  for (const run of runs) if (run.status === 'failed') run.error_code = pick('internal_error', 'bad_input');
  runs.push({ ...(runs[0] as (typeof runs)[number]), run_id: 'run-of-no-call', call_id: 'not there' });
  return { calls, transcripts, runs, settings };
}
