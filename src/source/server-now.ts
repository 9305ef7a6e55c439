// What time it is for bookmarks.
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { GongConnection } from '../gong/connect.ts';
import { minuteMs } from './windows.ts';

/**
 * The earlier of Gong's clock and ours: a clock that runs ahead must not close a window early. In whole milliseconds, since it
 * goes into states: targets made with the Singer SDK read a fraction as a decimal, and end because they cannot print it.
 */
export function createServerNow(gong: Pick<GongConnection, 'http'>, clock: Clock, log: Log): () => number {
  let warned = false;
  return () => {
    const own = clock.now();
    const server = gong.http.serverNow() ?? own;
    if (!warned && Math.abs(server - own) > 5 * minuteMs) {
      warned = true;
      log('warn', 'The clocks of this machine and of Gong differ by more than 5 minutes; the earlier one counts', {
        difference_s: Math.round((own - server) / 1000),
      });
    }
    return Math.floor(Math.min(own, server));
  };
}
