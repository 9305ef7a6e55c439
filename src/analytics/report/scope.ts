// Which calls a report speaks of: a period and a segment, as conditions over the view `conversations`.
import { ConnectorError } from '../../core/errors.ts';
import { quoteIdent, quoteLiteral } from '../../duckdb/sql.ts';
import { type MartReader, textOf } from './mart-reader.ts';
import type { Moment, ReportOptions } from './options.ts';

export interface Period {
  /** None: all calls. */
  readonly conditions: readonly string[];
  /** `from 2026-07-01 until 2026-10-01`; empty for all calls. */
  readonly words: string;
}

/** @throws ConnectorError of area `config` when the period is empty, or counts back from nothing */
export async function readPeriod(
  marts: MartReader,
  { since, until }: Pick<ReportOptions, 'since' | 'until'>,
): Promise<Period> {
  if (since === undefined && until === undefined) return { conditions: [], words: '' };
  const [row] = (await marts.ask(['as_of'], 'SELECT epoch_ms(as_of) AS as_of FROM as_of'))?.rows ?? [];
  const asOf = textOf(row?.['as_of']);
  const [from, to] = [since, until].map((moment) => moment && instantOf(moment, asOf));
  if (from !== undefined && to !== undefined && to <= from)
    throw new ConnectorError('--until must be after --since.', { area: 'config', hint: 'gong-elt report --help' });
  const literal = (ms: number) => `TIMESTAMPTZ ${quoteLiteral(new Date(ms).toISOString())}`;
  const word = (ms: number) =>
    new Date(ms)
      .toISOString()
      .replace('T00:00:00.000Z', '')
      .replace(/:\d\d\.\d{3}Z$/, 'Z');
  return {
    conditions: [
      ...(from === undefined ? [] : [`started_at >= ${literal(from)}`]),
      ...(to === undefined ? [] : [`started_at < ${literal(to)}`]),
    ],
    words: [from !== undefined && `from ${word(from)}`, to !== undefined && `until ${word(to)}`]
      .filter(Boolean)
      .join(' '),
  };
}

function instantOf(moment: Moment, asOf: string): number {
  if ('at' in moment) return moment.at;
  if (asOf === '')
    throw new ConnectorError('There is no call yet, so a period cannot be counted back from the newest.', {
      area: 'config',
      hint: 'name a date: --since 2026-07-01',
    });
  return Number(asOf) - moment.before;
}

const segmentColumns = 'team rep manager source system scope origin account_name opportunity_type stage_at_call'.split(
  ' ',
);

/** @throws ConnectorError of area `config` for a column that is none of a segment's */
export function segmentConditions(marts: MartReader, segment: ReportOptions['segment']): string[] {
  return Object.entries(segment).map(([column, value]) => {
    if (!segmentColumns.includes(column) || !marts.has('conversations', column))
      throw new ConnectorError(`--segment cannot be a ${column}.`, {
        area: 'config',
        hint: `it is one of ${segmentColumns.join(', ')}: --segment team=EMEA`,
      });
    return `${quoteIdent(column)} = ${quoteLiteral(value)}`;
  });
}
