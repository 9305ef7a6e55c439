// One score a kit: where its answers hold two bricks of role score, the settings have to choose.
import { ConnectorError } from '../core/errors.ts';
import type { SqlConnection } from './sql-connection.ts';

/** @throws ConnectorError of area `config` that names the kits and their bricks. */
export async function refuseTwoScores(connection: SqlConnection): Promise<void> {
  const [meant] = await connection.rows(`SELECT count(*) > 1 AS several FROM cfg_bricks WHERE role = 'score'`);
  // Reading every answer of every call is for the rare case.
  if (meant?.['several'] !== true) return;
  const kits = await connection.rows(`
    SELECT b.kit_code, string_agg(DISTINCT b.brick_key, ', ' ORDER BY b.brick_key) AS bricks
    FROM brick_points b JOIN kit_versions k ON k.kit_code = b.kit_code
    WHERE b.is_analysed_version AND b.role = 'score' AND k.score_brick IS NULL
    GROUP BY b.kit_code HAVING count(DISTINCT b.brick_key) > 1
    ORDER BY b.kit_code`);
  if (kits.length === 0) return;
  const named = kits.map(({ kit_code: kit, bricks }) => `kit ${kit} has ${bricks}`).join('; ');
  throw new ConnectorError(`A kit has one score, and these have several bricks of role score: ${named}.`, {
    area: 'config',
    hint: 'name the one that counts in analytics.yaml: kits: [{code: …, score_brick: …}]',
    fields: { kits: kits.map(({ kit_code: kit }) => String(kit)).join(', ') },
  });
}
