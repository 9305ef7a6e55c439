// How much memory DuckDB needs for a batch, for every destination. Pure.
import type { Batch } from '../core/destination.ts';

/** For little: with it the whole process stays well below 400 MB. */
export const littleMegabytes = 96;

/** Three times the bytes of the batch, and room for a few vectors of its widest record. In megabytes. */
export function megabytesFor({ streams }: Batch): number {
  const bytes = streams.reduce((sum, stream) => sum + stream.bytes, 0);
  const longest = Math.max(0, ...streams.map(({ longestLine }) => longestLine));
  const megabytes = 48 + (3 * bytes + 24 * longest) / 1e6;
  // In steps, so that two batches of about one size do for the same instance.
  return Math.max(littleMegabytes, Math.ceil(megabytes / 32) * 32);
}
