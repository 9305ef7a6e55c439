// Rows for the tests: a closed deal with its calls, and runs of them. Everything has a default that counts in statistics.
import type { Warehouse } from './warehouse.ts';

const dayMs = 86_400_000;
/** All fixture deals close on 2026-06-01 unless said otherwise. */
const closedOn = Date.UTC(2026, 5, 1);

export interface CallOptions {
  id: string;
  deal?: string | null;
  won?: boolean | null;
  /** Days from the call to the close of the deal. */
  daysToClose?: number;
  /** Days by which the deal closes after 2026-06-01. */
  closesLater?: number;
  /** Columns that replace the defaults. */
  columns?: Record<string, unknown>;
}

export function callRow({
  id,
  deal = `deal-${id}`,
  won = true,
  daysToClose = 30,
  closesLater = 0,
  columns,
}: CallOptions) {
  const closedAt = closedOn + closesLater * dayMs;
  return {
    call_id: id,
    started_at: new Date(closedAt - daysToClose * dayMs).toISOString(),
    is_private: false,
    opportunity_id: deal,
    opportunity_type: 'New Business',
    stage_at_call: 'Discovery',
    is_closed_now: won !== null,
    is_won_now: won ?? false,
    close_date_now: new Date(closedAt).toISOString().slice(0, 10),
    context_read_at: '2026-12-01T00:00:00.000Z',
    extracted_at: '2026-12-01T00:00:00.000Z',
    parties: [],
    crm_objects: [],
    ...columns,
  };
}

export interface RunOptions {
  call: string;
  kit?: string;
  /** Brick → value, or the whole brick when it is an object. */
  bricks: Record<string, unknown>;
  columns?: Record<string, unknown>;
}

export function runRow({ call, kit = 'KIT', bricks, columns }: RunOptions) {
  const whole = (value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? value : { value, confidence: 0.9 };
  return {
    run_id: `run-${kit}-${call}`,
    call_id: call,
    kit_code: kit,
    kit_version_id: 'v1',
    status: 'succeeded',
    run_type: 'api',
    is_sandbox: false,
    origin: 'connector',
    requested_at: '2026-06-02T00:00:00.000Z',
    finished_at: '2026-06-02T00:01:00.000Z',
    bricks: Object.fromEntries(Object.entries(bricks).map(([key, value]) => [key, whole(value)])),
    ...columns,
  };
}

/** One call, one deal and one run for each item. */
export async function insertDeals(
  warehouse: Warehouse,
  deals: readonly { won: boolean; bricks: Record<string, unknown>; daysToClose?: number; closesLater?: number }[],
): Promise<void> {
  await warehouse.insert(
    'calls',
    deals.map((deal, index) => callRow({ id: `c${index}`, ...deal })),
  );
  await warehouse.insert(
    'semarize_runs',
    deals.map(({ bricks }, index) => runRow({ call: `c${index}`, bricks })),
  );
}
