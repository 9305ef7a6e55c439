// Which calls a question is about. Dates: from inclusive, to exclusive.
import type { JsonValue } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';
import type { Answer } from '../exchange.ts';
import { refuse } from './access.ts';

export interface CallFilter {
  readonly fromMs: number;
  readonly toMs: number;
  readonly workspaceId: string | undefined;
  readonly callIds: readonly string[] | undefined;
  readonly primaryUserIds: ReadonlySet<string> | undefined;
}

export function isRefusal(value: CallFilter | Answer): value is Answer {
  return 'status' in value;
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;

/** Reads `filter` of a POST body, or the query of a GET. */
export function parseFilter(filter: JsonValue | undefined, strictCallIds: boolean): CallFilter | Answer {
  if (!isJsonObject(filter)) return refuse(400, 'filter: must not be null');
  const fromMs = parseInstant(filter['fromDateTime'], Number.NEGATIVE_INFINITY);
  const toMs = parseInstant(filter['toDateTime'], Number.POSITIVE_INFINITY);
  if (Number.isNaN(fromMs)) return refuse(400, 'filter.fromDateTime: must be a date-time in ISO-8601 format');
  if (Number.isNaN(toMs)) return refuse(400, 'filter.toDateTime: must be a date-time in ISO-8601 format');
  if (fromMs >= toMs) return refuse(400, 'filter.fromDateTime: must be before toDateTime');
  const callIds = parseIds(filter['callIds']);
  const primaryUserIds = parseIds(filter['primaryUserIds']);
  if (callIds === 'bad' || callIds?.length === 0)
    return refuse(400, 'filter.callIds: must be a list of ids, not empty');
  if (primaryUserIds === 'bad') return refuse(400, 'filter.primaryUserIds: must be a list of ids');
  if (strictCallIds && callIds && callIds.length > 100) return refuse(400, 'filter.callIds: size must be at most 100');
  const workspaceId = filter['workspaceId'];
  return {
    fromMs,
    toMs,
    workspaceId: typeof workspaceId === 'string' ? workspaceId : undefined,
    callIds,
    primaryUserIds: primaryUserIds && new Set(primaryUserIds),
  };
}

function parseInstant(value: JsonValue | undefined, absent: number): number {
  if (value === undefined || value === null) return absent;
  return typeof value === 'string' && instant.test(value) ? Date.parse(value) : Number.NaN;
}

function parseIds(value: JsonValue | undefined): string[] | undefined | 'bad' {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) return 'bad';
  const ids = value.filter((id) => typeof id === 'string');
  return ids.length === value.length ? ids : 'bad';
}
