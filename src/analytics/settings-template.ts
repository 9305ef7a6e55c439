// A first analytics.yaml from the bricks that were seen: everything in it is a comment or true already, so that nothing changes before
// a person takes a # away.
import { isKnownBrick } from './settings-rows.ts';
import type { WideBrick, WideKit } from './wide-views.ts';

const head = `# What the kits, bricks, stages and people mean to the marts. Everything is optional; lines with # are proposals.
# Then: gong-elt marts (a sync makes the marts anew by itself). Name this file in gong-elt.yaml: analytics: analytics.yaml
`;

const tail = `
# stages:            # what your CRM calls a closed deal; Closed Won/Lost and closedwon/closedlost are known
#   - {stage: Signed, is_closed: true, is_won: true}
# people:            # owners of calls, by e-mail address
#   - {email: jane@example.com, team: EMEA, manager: Jo}
# outcomes:          # how deals ended, where the CRM fields in Gong do not say
#   file: deals.csv  # columns opportunity_id, is_won, closed_at; other names: map: {opportunity_id: Id}
# readiness:
#   - {item_key: budget, label: Budget confirmed, brick_key: budget_confirmed, weight: 30, next_action: Ask for the budget}
# enablement:
#   - {event_id: june-training, element: value_prop, trained_on: 2026-06-01}
# settings:
#   new_business_only: true
#   assumed_leakage_rate: 0.08
`;

/** Pure. Known bricks need no line; they are left out. */
export function settingsTemplate(kits: readonly WideKit[]): string {
  const lines = kits.map(({ code, label }) => {
    const named = label === code ? '' : `, label: ${text(label)}`;
    return `  - {code: ${text(code)}${named}}   # label, purpose, win_threshold, grounded_on, score_brick`;
  });
  const listed = kits.length === 0 ? '# kits: []\n' : `kits:\n${lines.join('\n')}\n`;
  const bricks = kits.flatMap(({ code, bricks: ofKit }) => [
    `#   # ${oneLine(code)}`,
    ...ofKit
      .filter(({ key }) => !isKnownBrick(key))
      .map(
        (brick) => `#   - {kit_code: ${text(code)}, brick_key: ${text(brick.key)}, role: signal}   # ${seen(brick)}`,
      ),
  ]);
  return `${head}\n${listed}\n# bricks:            # roles: score, signal, risk_flag, pain_point, …; direction: -1 where less is better\n${bricks.join('\n')}\n${tail}`;
}

function seen({ kinds, label }: WideBrick): string {
  const kind = kinds.length === 0 ? 'no value seen' : kinds.join(' and ');
  return label === undefined ? kind : `${kind}, ${oneLine(label)}`;
}

/** JSON texts are YAML. */
function text(value: string): string {
  return /^[A-Za-z_][A-Za-z0-9_ -]*$/.test(value) && !/^(true|false|null|yes|no|on|off)$/i.test(value)
    ? value
    : JSON.stringify(value);
}

function oneLine(value: string): string {
  return value.replace(/\s+/g, ' ');
}
