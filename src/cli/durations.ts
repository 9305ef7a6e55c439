// Lengths of time as people write them: 45s, 15m, 2h.
import { ConnectorError } from '../core/errors.ts';
import type { FlagValues } from './command.ts';
import { textFlag } from './command.ts';

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** @returns milliseconds. @throws ConnectorError of area `config` */
export function durationFlag(flags: FlagValues, name: string, otherwise: number): number {
  const text = textFlag(flags, name);
  if (text === undefined) return otherwise;
  const [, count, unit = ''] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  const ms = Number(count) * (unitMs[unit] ?? Number.NaN);
  if (Number.isNaN(ms))
    throw new ConnectorError(`--${name} must be a length of time: 45s, 15m or 2h.`, {
      area: 'config',
      hint: 'see --help of the command',
    });
  return ms;
}
