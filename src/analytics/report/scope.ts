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

const dayMs = 86_400_000;

/**
 * @param flag as messages name it
 * @param text `2026-07-01`, an ISO time with its zone, or `7d`
 * @throws ConnectorError of area `config`
 */
export function parseMoment(flag: string, text: string | undefined): Moment | undefined {
  if (text === undefined) return undefined;
  const days = /^(\d{1,4})d$/.exec(text)?.[1];
  if (days !== undefined) return { before: Number(days) * dayMs };
  const isInstant = /^\d{4}-\d{2}-\d{2}(T.*(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const at = isInstant ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw wrongFlag(`${flag} must be a date, an ISO time with its zone, or a number of days: 7d.`);
  return { at };
}

/** @param texts `team=EMEA`. @throws ConnectorError of area `config` */
export function parseSegment(texts: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, column, value] = /^(\w+)=(.+)$/s.exec(text) ?? [];
      if (column === undefined || value === undefined)
        throw wrongFlag('--segment must be a column and its value: team=EMEA.');
      return [column, value];
    }),
  );
}

function wrongFlag(message: string): ConnectorError {
  return new ConnectorError(message, { area: 'config', hint: 'gong-elt report --help' });
}
