// The clock that stands still.
import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../src/sandbox/clock.ts';

describe('a virtual clock', () => {
  it('stands still, and moves when it is told, forward only', () => {
    const clock = createVirtualClock(1000);
    expect([clock.now(), clock.monotonic()]).toEqual([1000, 1000]);
    clock.advance(5);
    clock.set(2000);
    expect([clock.now(), clock.monotonic()]).toEqual([2000, 2000]);
    expect(() => clock.set(1999)).toThrow(RangeError);
  });

  it('jumps to the earliest sleeper when everybody sleeps, and wakes them in order of time', async () => {
    const clock = createVirtualClock(0);
    const woken: string[] = [];
    const sleep = async (name: string, ms: number) => {
      await clock.sleep(ms);
      woken.push(`${name} at ${clock.now()}`);
    };
    await Promise.all([sleep('long', 3_600_000), sleep('short', 20), sleep('same', 20)]);
    expect(woken).toEqual(['short at 20', 'same at 20', 'long at 3600000']);
  });

  it('lets a sleeper that was just woken sleep again before it jumps further', async () => {
    const clock = createVirtualClock(0);
    const times: number[] = [];
    const ticking = (async () => {
      for (let i = 0; i < 3; i++) {
        await clock.sleep(100);
        times.push(clock.now());
      }
    })();
    await clock.sleep(1000);
    times.push(clock.now());
    await ticking;
    expect(times).toEqual([100, 200, 300, 1000]);
  });

  it('wakes nobody by itself in the mode that waits', async () => {
    const clock = createVirtualClock(0, 'wait');
    let awake = false;
    const sleeping = clock.sleep(100).then(() => {
      awake = true;
    });
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    clock.advance(99);
    await Promise.resolve();
    expect(awake).toBe(false);
    clock.advance(1);
    await sleeping;
    expect(awake).toBe(true);
  });

  it('rejects an aborted sleep with the signal’s reason, and forgets it', async () => {
    const clock = createVirtualClock(0, 'wait');
    const stop = new AbortController();
    const sleeping = clock.sleep(100, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(sleeping).rejects.toThrow('stopped');
    await expect(clock.sleep(1, stop.signal)).rejects.toThrow('stopped');
  });
});
