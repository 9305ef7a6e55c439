// Files with marts for the tests of the report: real DuckDB files, opened for reading as the command does.
import { join } from 'node:path';
import { createReport } from '../../../src/analytics/report/create-report.ts';
import type { Report } from '../../../src/analytics/report/model.ts';
import { type ReportOptions, wholeReport } from '../../../src/analytics/report/options.ts';
import { openForReading } from '../../../src/duckdb/connection.ts';
import { callRow, runRow } from '../deals-fixture.ts';
import { buildGuideWorld } from '../guide-world.ts';
import { openWarehouse, type StreamName, temporaryFolder, type Warehouse } from '../warehouse.ts';

export const options: ReportOptions = {
  ...wholeReport,
  shown: 'warehouse.duckdb',
  command: 'gong-elt report --from warehouse.duckdb',
  toolVersion: '0.0.0-test',
  analysis: undefined,
};

/** A file that `fill` put rows in, with its marts. @returns its path */
export async function warehouseFile(
  fill: (warehouse: Warehouse) => Promise<unknown>,
  { settings, streams }: { settings?: unknown; streams?: readonly StreamName[] } = {},
): Promise<string> {
  const path = join(temporaryFolder(), 'warehouse.duckdb');
  const warehouse = await openWarehouse({ path, ...(streams === undefined ? {} : { streams }) });
  await fill(warehouse);
  await warehouse.createMarts(settings);
  warehouse.close();
  return path;
}

export async function reportOf(path: string, chosen: Partial<ReportOptions> = {}): Promise<Report> {
  const database = await openForReading(path);
  try {
    return await database.exclusive((session) => createReport(session, { ...options, ...chosen }));
  } finally {
    await database.close();
  }
}

export const guideSettings = (() => {
  const { thresholdA, thresholdB } = buildGuideWorld();
  return {
    kits: [
      { code: 'A', label: 'MEDDICC v2', win_threshold: thresholdA },
      { code: 'B', label: 'Custom SPICED', win_threshold: thresholdB },
    ],
  };
})();

/** The guide's two frameworks over `n` deals; half are won. */
export function fillGuide(n: number, open = false) {
  return async (warehouse: Warehouse): Promise<void> => {
    const { deals } = buildGuideWorld(n);
    await warehouse.insert(
      'calls',
      deals.map(({ won }, index) =>
        callRow({
          id: `c${String(index).padStart(4, '0')}`,
          won: open ? null : won,
          closesLater: index % 60,
          columns: {
            owner_name: ['Ana Diaz', 'Bo Chen', 'Cy Dey'][index % 3],
            owner_email: `${'abc'[index % 3]}@us.example`,
            account_name: `Account ${index % 7}`,
            opportunity_name: `Deal ${index}`,
            transcript_status: 'available',
            amount_now: 1000 + index,
            currency: 'USD',
          },
        }),
      ),
    );
    await warehouse.insert(
      'semarize_runs',
      deals.flatMap(({ a, b }, index) => {
        const call = `c${String(index).padStart(4, '0')}`;
        return [
          runRow({ call, kit: 'A', bricks: { overall_score: a } }),
          runRow({ call, kit: 'B', bricks: { overall_score: b } }),
        ];
      }),
    );
  };
}
