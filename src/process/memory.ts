// How much memory this process may take: that of the machine, or of the container it runs in.
import { totalmem } from 'node:os';

const mebibyte = 1024 * 1024;
/** Node sizes its own heap from the same limit: half of it. */
const share = 0.4;
const least = 96;
/** More is a decision of the user's: `memory_limit`. */
const most = 1024;

/**
 * Megabytes that DuckDB may take at the most when nobody set a limit.
 * @param limit bytes that the container allows; far more than there are, or 0, when it sets no limit
 * @param total bytes of the machine
 */
export function duckDbMegabytes(limit: number = process.constrainedMemory(), total: number = totalmem()): number {
  const available = limit > 0 && limit < total ? limit : total;
  return Math.min(most, Math.max(least, Math.floor((share * available) / mebibyte)));
}
