// A file whose every text from outside tries to be something else than text.
import { callRow, runRow } from '../deals-fixture.ts';
import type { Warehouse } from '../warehouse.ts';

export const hostile = [
  '<script>document.title="owned"</script>',
  '</script><script>alert(1)</script>',
  '"><img src=x onerror=alert(2)>',
  "' onmouseover='alert(3)",
  ']]><svg onload=alert(4)>',
  'javascript:alert(5)',
  '</style><style>@import url(https://evil.example/x.css)</style>',
  '{{constructor.constructor("alert(6)")()}}',
  '\u202eevil\u2066 \u0000 text',
  '[link](javascript:alert(7)) | cell | **bold**',
  '<a href="https://evil.example/">x</a><iframe src="https://evil.example/"></iframe>',
  'mail jane@acme.example or call +1 (555) 010-9999',
];
const text = (index: number) => `${hostile[index % hostile.length]} ${index}`;
const nul = /\u0000/g;
/** JSON of a fixture cannot hold NUL in every loader; it is tested on its own. */
const words = (index: number) => text(index).replace(nul, '');

export const hostileSettings = {
  kits: [
    { code: 'K<1>', label: words(0), win_threshold: 50, grounded_on: words(2) },
    { code: 'K"2', label: words(1), win_threshold: 50 },
  ],
  bricks: [
    { kit_code: 'K<1>', brick_key: words(2), role: 'claim', label: words(3) },
    { kit_code: 'K<1>', brick_key: 'overall_score', role: 'score', in_deal_score: true },
    { kit_code: 'K"2', brick_key: 'overall_score', role: 'score', in_deal_score: true },
    { kit_code: 'K<1>', brick_key: 'used', role: 'approved_messaging_used', element: words(4) },
  ],
  enablement: [{ event_id: words(5), element: words(4), trained_on: '2026-04-20' }],
  readiness: [
    { item_key: 'r1', label: words(6), kit_code: 'K<1>', brick_key: 'used', next_action: words(7) },
    { item_key: 'r2', label: words(2), kit_code: 'K<1>', brick_key: 'gone', next_action: words(0) },
  ],
};

export async function fillHostile(warehouse: Warehouse): Promise<void> {
  const calls = Array.from({ length: 130 }, (_, index) => index);
  await warehouse.insert(
    'calls',
    calls.map((index) =>
      callRow({
        id: `c${index}`,
        deal: `d${index}`,
        won: index % 5 === 4 ? null : index % 2 === 0,
        columns: {
          title: `TITLED ${words(index)}`,
          url: index % 3 === 0 ? `https://app.gong.io/call?id=${index}` : words(index),
          owner_name: `OWNED ${words(index % 4)}`,
          owner_email: `rep${index % 4}@acme.example`,
          account_name: `OWNED ${words(index)}`,
          opportunity_name: `OWNED ${words(index + 1)}`,
          stage_now: words(index),
          stage_at_call: words(index % 3),
          system: words(index % 2),
          currency: words(index % 2).slice(0, 12),
          amount_now: 1000 * index,
          transcript_status: index % 7 === 0 ? words(2) : 'available',
        },
      }),
    ),
  );
  await warehouse.insert(
    'semarize_runs',
    calls.flatMap((index) => {
      const answer = (value: unknown) => ({
        value,
        confidence: 0.8,
        reason: `REASONED ${words(index)}`,
        evidence: [`QUOTED ${words(index)}`],
      });
      return [
        runRow({
          call: `c${index}`,
          kit: 'K<1>',
          bricks: {
            overall_score: answer(40 + (index % 30)),
            [words(2)]: answer(index % 2 === 0 ? 'correct' : 'incorrect'),
            knowledge_gap: answer(words(index % 3)),
            pricing_tier_correct: answer(index % 2 === 0),
            commercial_risk_level: answer(index % 2 === 0 ? 'high' : words(1)),
            used: answer(index % 2 === 0),
            drift_category: answer(words(index % 2)),
            pain_point: answer(words(index % 3)),
          },
        }),
        runRow({ call: `c${index}`, kit: 'K"2', bricks: { overall_score: answer(50 + ((index * 7) % 30)) } }),
      ];
    }),
  );
}
