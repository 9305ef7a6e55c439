// What the intervals and tests promise, measured over worlds whose truth is known. Seeded: the same numbers every time.
//   npm run bench:calibration [-- --worlds 2000 --seed 1]
// It runs the SQL of the marts and the functions of analyze as they are shipped.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createMarts } from '../dist/analytics/marts.js';
import { parseAnalyticsSettings } from '../dist/analytics/settings.js';
import { analyze } from '../dist/analytics/statistics/analyze.js';
import { bootstrapDeals } from '../dist/analytics/statistics/bootstrap.js';
import { weightedCorrelation } from '../dist/analytics/statistics/correlation.js';
import { correlationP } from '../dist/analytics/statistics/distributions.js';
import { createGenerator } from '../dist/analytics/statistics/generator.js';
import { intraclassCorrelation } from '../dist/analytics/statistics/intraclass.js';
import { cohensKappa } from '../dist/analytics/statistics/kappa.js';
import { openInMemory } from '../dist/duckdb/connection.js';

const { values } = parseArgs({
  options: { worlds: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' } },
});
const worlds = Number(values.worlds);
const generator = createGenerator(Number(values.seed));
const uniform = () => (generator.next() + 0.5) / 2 ** 32;
const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
const percent = (share) => `${(100 * share).toFixed(1)} %`;
const wilson = (k, n) => {
  const [z, p] = [1.959963984540054, k / n];
  const half = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return [p + (z * z) / (2 * n) - half, p + (z * z) / (2 * n) + half].map((limit) =>
    percent(limit / (1 + (z * z) / n)),
  );
};
function report(name, k, n, accepted) {
  console.log(
    `${name.padEnd(74)} ${percent(k / n).padStart(7)}  [${wilson(k, n).join(', ')}] of ${n}   accepted ${accepted}`,
  );
}

/** A file's worth of calls and runs; every brick is a world of its own over the same deals. */
async function measureBricks(deals, brickNames, bricksOf) {
  const database = await openInMemory();
  const calls = [];
  const runs = [];
  for (const [d, { won, stages }] of deals.entries())
    for (const [k, stage] of stages.entries()) {
      const id = `c${d}-${k}`;
      const started = new Date(Date.UTC(2026, 4, 1) - (stages.length - k) * 5 * 86_400_000).toISOString();
      calls.push({
        call_id: id,
        started_at: started,
        opportunity_id: `d${d}`,
        opportunity_type: 'New',
        stage_at_call: stage,
        owner_email: `rep${d % 8}@x.io`,
        is_closed_now: true,
        is_won_now: won,
        close_date_now: '2026-06-01',
        extracted_at: '2026-07-01T00:00:00Z',
        context_read_at: '2026-07-01T00:00:00Z',
      });
      const bricks = Object.fromEntries(
        brickNames.map((name, b) => [name, { value: bricksOf(d, k, b), confidence: 0.9 }]),
      );
      runs.push({
        run_id: `r${id}`,
        call_id: id,
        kit_code: 'KIT',
        kit_version_id: 'v1',
        status: 'succeeded',
        is_sandbox: false,
        origin: 'connector',
        requested_at: started,
        bricks,
      });
    }
  try {
    return await database.exclusive(async (session) => {
      await fill(session, 'calls', calls);
      await fill(session, 'semarize_runs', runs);
      await createMarts(session, parseAnalyticsSettings({}));
      const found = await session.rows('SELECT n_deals, estimate, any_call, caution FROM mart_win_correlation');
      const { tables } = await analyze(session, { seed: 1, draws: 100, toolVersion: 'bench' });
      return { found, tested: tables.an_win_correlation };
    });
  } finally {
    await database.close();
  }
}

async function fill(session, table, rows) {
  const columns = Object.keys(rows[0]);
  const types = Object.fromEntries(
    columns.map((name) => [
      name,
      name === 'bricks'
        ? 'JSON'
        : /_at$/.test(name)
          ? 'TIMESTAMPTZ'
          : /^is_/.test(name)
            ? 'BOOLEAN'
            : /date/.test(name)
              ? 'DATE'
              : 'VARCHAR',
    ]),
  );
  await session.run(`CREATE TABLE ${table} (${columns.map((name) => `"${name}" ${types[name]}`).join(', ')})`);
  for (let start = 0; start < rows.length; start += 100)
    await session.run(
      `INSERT INTO ${table} BY NAME SELECT unnest(from_json($1::JSON, '${JSON.stringify([types])}'), recursive := true)`,
      [JSON.stringify(rows.slice(start, start + 100))],
    );
}

const stages = ['Discovery', 'Demo', 'Proposal', 'Negotiation'];
const perFile = 100;

/** No effect: scores of the calls of a deal correlate by .4, and with nothing else. */
async function nullWorlds(label, lengthOf) {
  let [rejected, rejectedAny, n, nAny] = [0, 0, 0, 0];
  for (let file = 0; file < Math.ceil(worlds / perFile); file += 1) {
    const deals = Array.from({ length: 50 }, (_, d) => ({
      won: d % 2 === 0,
      stages: Array.from({ length: lengthOf(d % 2 === 0) }, (_, k) => stages[Math.min(k, 3)]),
    }));
    const names = Array.from({ length: perFile }, (_, b) => `b${b}`);
    const deal = deals.map(() => names.map(() => normal()));
    // Half of the bricks are numbers, half are booleans that three of ten calls have.
    const { found, tested } = await measureBricks(deals, names, (d, _, b) => {
      const x = Math.sqrt(0.4) * deal[d][b] + Math.sqrt(0.6) * normal();
      return b % 2 === 0 ? x : x > 0.5244;
    });
    rejected += tested.filter(({ p_value: p }) => p < 0.05).length;
    n += tested.length;
    const any = found.filter(({ any_call: r }) => r !== null);
    rejectedAny += any.filter(({ any_call: r, n_deals: deals }) => correlationP(r, deals) < 0.05).length;
    nAny += any.length;
  }
  report(`no effect, 50 deals, ${label}: t test at 5 % rejects`, rejected, n, '3–7 %');
  report(`  for contrast: booleans by "any call has it"`, rejectedAny, nAny, 'not used');
}

async function stageWorlds() {
  let [carried, n] = [0, 0];
  for (let file = 0; file < Math.max(1, Math.ceil(worlds / 4 / perFile)); file += 1) {
    const deals = Array.from({ length: 200 }, (_, d) => {
      const won = d % 2 === 0;
      const last = won ? 2 + generator.below(2) : generator.below(3);
      return { won, stages: stages.slice(0, last + 1).flatMap((stage) => Array(1 + generator.below(2)).fill(stage)) };
    });
    const names = Array.from({ length: perFile }, (_, b) => `b${b}`);
    const { found } = await measureBricks(deals, names, (d, k) => stages.indexOf(deals[d].stages[k]) + normal());
    carried += found.filter(({ caution }) => caution !== null).length;
    n += found.filter(({ estimate }) => estimate !== null).length;
  }
  report('the score follows the stage alone, 200 deals: the row carries a caution', carried, n, '≥ 95 %');
}

/** r of a normal score cut in two by an outcome of which a share p is won. */
const pointBiserial = (rho, p) => rho * ceilingOf(p);
const ceilingOf = (p) => ({ 0.5: 0.7978845608028654, 0.3: 0.7592204 })[p];
const cutOf = (p) => ({ 0.5: 0, 0.3: 0.5244005127080407 })[p];

/** The SQL of the mart over tables in the place of its two views: every pair of kits is a world. */
async function zouCoverage(n, p, r1, r2, shared) {
  const database = await openInMemory();
  const [rho1, rho2] = [r1 / ceilingOf(p), r2 / ceilingOf(p)];
  // The parts of both scores that the outcome does not explain correlate by `shared`.
  const deal = () => {
    const [y, e1, e2] = [normal(), normal(), normal()];
    return [
      rho1 * y + Math.sqrt(1 - rho1 ** 2) * e1,
      rho2 * y + Math.sqrt(1 - rho2 ** 2) * (shared * e1 + Math.sqrt(1 - shared ** 2) * e2),
      y > cutOf(p),
    ];
  };
  try {
    const [hits, count] = await database.exclusive(async (session) => {
      const files = (name) => readFile(new URL(`../dist/analytics/${name}.sql`, import.meta.url), 'utf8');
      await session.run(await files('tables/an'));
      await session.run(`CREATE TABLE framework_pairs AS SELECT w::VARCHAR AS kit_code_a, 'b' AS kit_code_b, '' AS kit_label_a, '' AS kit_label_b, 'v' AS kit_version_id_a,
        'v' AS kit_version_id_b, 0e0 AS win_threshold_a, 0e0 AS win_threshold_b, NULL::TIMESTAMPTZ AS version_changed_at_a, NULL::VARCHAR AS former_version_id_a,
        NULL::TIMESTAMPTZ AS version_changed_at_b, NULL::VARCHAR AS former_version_id_b FROM range(${worlds}) t(w)`);
      await session.run(`CREATE TABLE framework_deals (kit_code_a VARCHAR, kit_code_b VARCHAR, opportunity_id VARCHAR, n_calls_a BIGINT, n_calls_b BIGINT, n_calls BIGINT,
        score_a DOUBLE, score_b DOUBLE, is_won BOOLEAN, closed_at TIMESTAMPTZ, is_older BOOLEAN)`);
      for (let w = 0; w < worlds; w += 1)
        await session.run(
          `INSERT INTO framework_deals SELECT $1, 'b', i::VARCHAR, 1, 1, 1, (d ->> 0)::DOUBLE, (d ->> 1)::DOUBLE, (d ->> 2)::BOOLEAN, NULL, false
          FROM (SELECT unnest(($2::JSON)::JSON[]) AS d, generate_subscripts(($2::JSON)::JSON[], 1) AS i)`,
          [String(w), JSON.stringify(Array.from({ length: n }, deal))],
        );
      await session.run((await files('marts/22_mart_framework_ab')).split('COMMENT ON')[0]);
      const rows = await session.rows(
        'SELECT difference_low AS low, difference_high AS high FROM mart_framework_ab WHERE difference_low IS NOT NULL',
      );
      return [rows.filter(({ low, high }) => low <= r1 - r2 && r1 - r2 <= high).length, rows.length];
    });
    report(`Zou, ${n} deals, win rate ${percent(p)}, r ${r1} and ${r2}: covers the difference`, hits, count, '93–97 %');
  } finally {
    await database.close();
  }
}

function correlationCoverage(n, p, rho) {
  const truth = pointBiserial(rho, p);
  let [boot, fisher, count] = [0, 0, 0];
  for (let w = 0; w < worlds / 2; w += 1) {
    const x = new Float64Array(n);
    const won = new Uint8Array(n);
    for (let i = 0; i < n; i += 1) {
      const y = normal();
      x[i] = rho * y + Math.sqrt(1 - rho * rho) * normal();
      won[i] = Number(y > cutOf(p));
    }
    const r = weightedCorrelation(x, won, new Uint32Array(n).fill(1));
    if (r === undefined) continue;
    count += 1;
    const limits = bootstrapDeals(n, { seed: w + 1, draws: 2000 }, (counts) => {
      const drawn = weightedCorrelation(x, won, counts);
      return drawn === undefined ? undefined : [drawn];
    })?.intervals[0];
    if (limits !== undefined && limits.low <= truth && truth <= limits.high) boot += 1;
    const half = 1.959963984540054 / Math.sqrt(n - 3);
    if (Math.abs(Math.atanh(r) - Math.atanh(truth)) <= half) fisher += 1;
  }
  const what = `${n} deals, win rate ${percent(p)}, r ${truth.toFixed(2)}`;
  report(`bootstrap by deal, ${what}: covers r`, boot, count, n >= 200 ? '93–97 %' : 'measured');
  report(`  Fisher, the same worlds`, fisher, count, '94–98.5 %');
}

function agreementCoverage(n) {
  const [icc, kappa] = [0.8, 0.6];
  let [iccHits, kappaHits, weightedHits] = [0, 0, 0];
  for (let w = 0; w < worlds; w += 1) {
    const numbers = Array.from({ length: n }, () => {
      const truth = Math.sqrt(icc) * normal();
      return [truth + Math.sqrt(1 - icc) * normal(), truth + Math.sqrt(1 - icc) * normal()];
    });
    // Four levels: with probability .6 the second answer is the first, else any of them, which makes both kappas .6.
    const levels = Array.from({ length: n }, () => {
      const first = generator.below(4);
      return [first, uniform() < kappa ? first : generator.below(4)];
    });
    const covers = (limits, truth) => limits !== undefined && limits.low <= truth && truth <= limits.high;
    if (covers(intraclassCorrelation(numbers)?.limits, icc)) iccHits += 1;
    if (covers(cohensKappa(levels, 4, 'none')?.limits, kappa)) kappaHits += 1;
    if (covers(cohensKappa(levels, 4, 'quadratic')?.limits, kappa)) weightedHits += 1;
  }
  report(`test–retest, ${n} pairs: ICC(2,1) ${icc} is covered`, iccHits, worlds, 'measured');
  report(`test–retest, ${n} pairs: kappa ${kappa} is covered`, kappaHits, worlds, 'measured');
  report(`test–retest, ${n} pairs: weighted kappa ${kappa} is covered`, weightedHits, worlds, 'measured');
}

console.log(`seed ${values.seed}, ${worlds} worlds; shares with their Wilson limits`);
await nullWorlds('2 to 6 calls a deal', () => 2 + generator.below(5));
await nullWorlds('the won have twice the calls', (won) => (won ? 2 : 1) * (1 + generator.below(3)));
await stageWorlds();
await zouCoverage(200, 0.5, 0.73, 0.51, 0.3);
await zouCoverage(60, 0.5, 0.4, 0.4, 0.5);
await zouCoverage(100, 0.3, 0.5, 0.2, 0.3);
for (const n of [50, 100, 200]) correlationCoverage(n, 0.5, 0.64);
correlationCoverage(200, 0.3, 0.64);
for (const n of [30, 100]) agreementCoverage(n);
