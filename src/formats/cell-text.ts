// Values as people read them in a terminal.
import type { JsonValue } from '../core/json.ts';
import { toTerminalLine } from '../process/terminal-text.ts';
import type { Column } from './answer.ts';

/** One line without control characters. NULL can be told from the empty text. @param isWhole with every digit */
export function cellText(value: JsonValue, { valueType }: Column, isWhole: boolean): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number' && valueType.kind === 'float' && !isWhole) return roundedText(value);
  return toTerminalLine(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

/** Four decimals; four significant digits where these would hide a small number, or a large one were a row of digits. */
function roundedText(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e15)) return String(Number(value.toPrecision(4)));
  return String(Number(value.toFixed(4)));
}

/** Do its cells stand to the right, and are they never cut? */
export function isNumeric({ valueType: { kind } }: Column): boolean {
  return kind === 'integer' || kind === 'float' || kind === 'decimal';
}
