// The pages of docs/questions: their settings are read, and every query on them is run over calls that the kits of the guide
// evaluated, and has an answer.
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { callRow, runRow } from '../analytics/deals-fixture.ts';
import { seeded } from '../analytics/statistics.ts';
import type { Warehouse } from '../analytics/warehouse.ts';
import { openWarehouse } from '../analytics/warehouse.ts';

const folder = new URL('../../docs/questions/', import.meta.url);
const pages = readdirSync(folder);
const blocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, block]) => block ?? '');

let warehouse: Warehouse;
afterEach(() => warehouse.close());

/** 120 calls of 40 deals, evaluated by the five kits of the guide. */
async function fill(): Promise<void> {
  const random = seeded(5);
  const often = (share: number) => random() < share;
  const calls = Array.from({ length: 120 }, (_, i) =>
    callRow({
      id: `c${i}`,
      deal: `d${i % 40}`,
      won: i % 40 < 8 ? null : i % 2 === 0,
      daysToClose: 2 + (i % 50),
      columns: {
        ...{
          owner_email: i % 3 === 0 ? 'jane@example.com' : 'joe@example.com',
          owner_name: 'Joe',
          account_name: `Account ${i % 40}`,
        },
        ...{
          amount_now: 1000 * (1 + (i % 40)),
          currency: i % 40 < 20 ? 'EUR' : 'USD',
          stage_now: 'Stage 3',
          system: i % 2 === 0 ? 'Zoom' : null,
        },
        // The data is as of the last read: soon after the calls.
        extracted_at: '2026-06-02T00:00:00Z',
        parties: [{ speaker_id: '1', affiliation: 'External', role: 'prospect' }],
      },
    }),
  );
  await warehouse.insert('calls', calls);
  const level = () => ['high', 'medium', 'low'][Math.floor(3 * random())];
  await warehouse.insert(
    'semarize_runs',
    calls.flatMap(({ call_id: call, is_won_now: won }) => [
      runRow({
        call,
        kit: 'A1B2C3D4',
        bricks: {
          ...{
            overall_score: 50 + 30 * random() + (won ? 10 : 0),
            risk_flag: often(0.3),
            pain_point: 'reports',
            budget_confirmed: often(0.7),
          },
          ...{ decision_maker_identified: often(0.6), pain_quantified: often(0.5), champion_strength: level() },
          ...{ legal_review_scheduled: often(0.3), security_questionnaire_sent: often(0.2) },
        },
      }),
      runRow({
        call,
        kit: '6AD3F0B6',
        bricks: { overall_score: 45 + 30 * random() + (won ? 5 : 0), risk_flag: often(0.3) },
      }),
      runRow({
        call,
        kit: 'PK42DOCS',
        bricks: {
          ...{
            feature_accuracy: random(),
            pricing_misstated: often(0.2),
            competitor_claim_valid: often(0.8),
            knowledge_gap: 'enterprise_sso',
          },
          ...{ claim_sso: 'incorrect', claim_sla: 'correct', claim_rate_limit: 'partly' },
        },
      }),
      runRow({
        call,
        kit: 'PR1C3AUD',
        bricks: {
          pricing_tier_correct: often(0.8),
          discount_authority_exceeded: often(0.1),
          packaging_outdated: often(0.1),
          commercial_risk_level: level(),
        },
      }),
      runRow({
        call,
        kit: 'MSGDR1FT',
        bricks: { approved_messaging_used: often(0.6), drift_category: 'value_prop', drift_severity: random() },
      }),
    ]),
  );
}

describe('docs/questions', () => {
  test.each(pages)('%s has settings that are read, and queries that have an answer', async (page) => {
    const text = readFileSync(new URL(page, folder), 'utf8');
    const [settings, ...more] = blocks(text, 'yaml');
    expect(more).toEqual([]);
    warehouse = await openWarehouse();
    await fill();
    await warehouse.createMarts(parse(settings ?? ''));
    const queries = blocks(text, 'sql');
    expect(queries.length).toBeGreaterThan(1);
    for (const query of queries) expect((await warehouse.rows(query)).length, query).toBeGreaterThan(0);
    // A mart that a page names exists.
    for (const [, mart] of text.matchAll(/`(mart_\w+)`/g)) await warehouse.rows(`FROM ${mart} LIMIT 0`);
  });
});
