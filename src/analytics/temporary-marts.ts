// The marts once more, as temporary views of one connection: the answers of all runs are read once instead of by every mart, and
// the views can be narrowed to some calls. Works where nothing can be written, and leaves nothing behind.
import { ConnectorError } from '../core/errors.ts';
import { martsMark } from '../duckdb/relations.ts';
import type { Session } from '../duckdb/session.ts';
import { quoteIdent, quoteLiteral, quoteName } from '../duckdb/sql.ts';
import { readViewFiles } from './view-files.ts';

export interface TemporaryMarts {
  /**
   * From here on the marts speak of the calls for which `conditions` hold, and of no result of `analyze`, which was made over
   * others. What they are as of does not move. More calls narrow further.
   * @param conditions over the view `conversations`, joined by AND
   * @throws ConnectorError of area `config` when the marts do not allow it
   */
  narrowTo(conditions: readonly string[]): Promise<void>;
  /** Puts empty result tables before those of the file, for an analysis that is not kept. @returns false where that cannot be done */
  takeResults(): Promise<boolean>;
}

/** Rows of these relations belong to one call each. */
const ofCalls =
  'calls transcripts semarize_runs stream_calls stream_transcripts stream_runs ext_conversations ext_runs'.split(' ');
const answers = 'semarize_bricks';
/** Rows of a call that many marts read: they are computed once. */
const computedOnce = [answers, 'brick_evidence', 'bricks_current', 'conversation_answers'];
const allOf = (name: string) => `all_${name}`;

/** Puts temporary views before the marts of the current schema. Marts of another version, whose views differ, stay as they are. */
export async function createTemporaryMarts(session: Session): Promise<TemporaryMarts> {
  const there = await ourRelations(session);
  const [row] = await session.rows('SELECT current_schema() AS name');
  const kept = (name: string) => quoteName(session.catalog, String(row?.['name']), name);
  // A file keeps its answers as a table when there are many: too many to have them a second time.
  const once = there.get(answers) === 'table' ? [answers] : computedOnce;
  const isCurrent = there.has('conversations') && (await createViews(session, there, once, kept));
  let narrowed = 0;
  let hasResults = false;
  const takeResults = async () => {
    if (isCurrent && !hasResults) await createResults(session, there, kept);
    hasResults = isCurrent;
    return isCurrent;
  };
  return {
    async narrowTo(conditions) {
      if (!isCurrent) throw madeByAnother();
      narrowed += 1;
      const scope = `narrowed_calls_${narrowed}`;
      await session.run(
        `CREATE TEMP TABLE ${scope} AS SELECT call_id FROM conversations WHERE ${conditions.join(' AND ')}`,
      );
      if (narrowed === 1) await keepAsOf(session);
      await takeResults();
      const within = `WHERE call_id IN (SELECT call_id FROM ${scope})`;
      for (const name of ofCalls)
        if (there.has(name))
          await session.run(`CREATE OR REPLACE TEMP VIEW ${name} AS SELECT * FROM ${kept(name)} ${within}`);
      for (const name of once)
        if (there.has(name))
          await session.run(`CREATE OR REPLACE TEMP VIEW ${name} AS SELECT * FROM ${allOf(name)} ${within}`);
    },
    takeResults,
  };
}

function madeByAnother(): ConnectorError {
  return new ConnectorError('the marts were made by another version: no period or segment can be cut out of them', {
    area: 'config',
    hint: 'make them anew with gong-elt marts, or leave out --since, --until and --segment',
  });
}

/** Our tables and views in the current schema, and the streams. */
async function ourRelations(session: Session): Promise<Map<string, 'table' | 'view'>> {
  const rows = await session.rows(`
    SELECT name, kind FROM (
      SELECT table_name AS name, 'table' AS kind, comment, database_name, schema_name FROM duckdb_tables()
      UNION ALL
      SELECT view_name, 'view', comment, database_name, schema_name FROM duckdb_views() WHERE NOT internal)
    WHERE database_name = current_database() AND schema_name = current_schema()
      AND (comment LIKE '%${martsMark}%' OR name IN (${ofCalls.map(quoteLiteral).join(', ')}))`);
  return new Map(rows.map((row) => [String(row['name']), row['kind'] === 'table' ? 'table' : 'view']));
}

/** @returns false when our views do not fit what is there: then nothing was made */
async function createViews(
  session: Session,
  there: ReadonlyMap<string, 'table' | 'view'>,
  once: readonly string[],
  kept: (name: string) => string,
): Promise<boolean> {
  const files = (await readViewFiles()).filter(({ view }) => there.has(view));
  await session.run('BEGIN');
  try {
    for (const { view, sql } of files) {
      const all = allOf(view);
      if (!once.includes(view)) await session.run(toTemporary(sql, 'TEMP VIEW', view));
      else {
        if (there.get(view) === 'table') await session.run(`CREATE TEMP VIEW ${all} AS FROM ${kept(view)}`);
        else await session.run(toTemporary(sql, 'TEMP TABLE', all));
        await session.run(`CREATE TEMP VIEW ${view} AS FROM ${all}`);
      }
    }
    await session.run('COMMIT');
    return true;
  } catch (error) {
    // A failed statement may have ended the transaction already.
    await session.run('ROLLBACK').catch(() => {});
    if (/^(Binder|Catalog) Error/.test(error instanceof Error ? error.message : '')) return false;
    throw error;
  }
}

async function keepAsOf(session: Session): Promise<void> {
  await session.run('CREATE TEMP TABLE narrowed_as_of AS SELECT as_of FROM as_of');
  await session.run('CREATE OR REPLACE TEMP VIEW as_of AS SELECT as_of FROM narrowed_as_of');
}

async function createResults(
  session: Session,
  there: ReadonlyMap<string, unknown>,
  kept: (name: string) => string,
): Promise<void> {
  for (const name of there.keys())
    if (name.startsWith('an_'))
      await session.run(`CREATE TEMP TABLE ${quoteIdent(name)} AS FROM ${kept(name)} LIMIT 0`);
}

/** The view alone: comments cannot stand on temporary ones. */
function toTemporary(sql: string, kind: 'TEMP VIEW' | 'TEMP TABLE', name: string): string {
  const [view = ''] = sql.split(/^COMMENT ON /m);
  return view.replace(/CREATE OR REPLACE VIEW \w+/, `CREATE ${kind} ${name}`);
}
