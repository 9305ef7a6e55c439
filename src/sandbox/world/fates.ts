// What goes otherwise than planned: private, silent, short, late, growing, edited and erased calls. By quota, so that even a
// small world has each kind, and one of each happens in the world's last day, where two syncs a day apart can see it.
import type { Random } from '../random.ts';
import { endOf } from './life.ts';
import { dayMs, hourMs } from './time.ts';
import type { CallDraft, CallLife } from './world.ts';

const minuteMs = 60_000;

interface Fate {
  readonly share: number;
  /** @param last the fate must show within the world's last day, after `pivot`. */
  readonly apply: (call: CallDraft, random: Random, last: boolean, pivot: number) => void;
}

const fates: readonly Fate[] = [
  { share: 0.025, apply: (call) => setLife(call, { privateMs: Number.NEGATIVE_INFINITY }) },
  {
    share: 0.01,
    apply: (call, random) => {
      call.language = random.chance(0.7) ? 'zxx' : 'und';
      setLife(call, { transcriptMs: Number.POSITIVE_INFINITY, contentMs: Number.POSITIVE_INFINITY });
    },
  },
  {
    share: 0.01,
    apply: (call, random) => {
      call.durationS = random.int(12, 50);
      call.transcriptChars = 1;
    },
  },
  // Spoken, and yet there never is a transcript.
  { share: 0.005, apply: (call) => setLife(call, { transcriptMs: Number.POSITIVE_INFINITY }) },
  {
    share: 0.06,
    apply: (call, random, last, pivot) => {
      if (last) moveTo(call, pivot - random.int(240, 480) * minuteMs);
      showLater(call, last ? pivot + random.int(3, 10) * hourMs : endOf(call) + random.int(3, 19) * hourMs);
    },
  },
  {
    share: 0.01,
    apply: (call, random, last, pivot) => {
      if (last) moveTo(call, pivot - random.int(1800, 2400) * minuteMs);
      showLater(call, last ? pivot + random.int(2, 10) * hourMs : endOf(call) + random.int(26, 60) * hourMs);
    },
  },
  {
    share: 0.05,
    apply: (call, random, last, pivot) => {
      if (last) {
        moveTo(call, pivot - random.int(240, 540) * minuteMs);
        showLater(call, endOf(call) + 20 * minuteMs);
      }
      const transcriptMs = last ? pivot + random.int(2, 9) * hourMs : call.life.visibleMs + random.int(1, 8) * hourMs;
      setLife(call, { transcriptMs, completeMs: transcriptMs, contentMs: transcriptMs + 10 * minuteMs });
    },
  },
  {
    share: 0.03,
    apply: (call, random) => {
      const transcriptMs = call.life.visibleMs;
      setLife(call, { transcriptMs, completeMs: endOf(call) + random.int(60, 110) * minuteMs });
    },
  },
  { share: 0.015, apply: (call, random, last, pivot) => setLife(call, { editedMs: later(call, random, last, pivot) }) },
  {
    share: 0.005,
    apply: (call, random, last, pivot) => setLife(call, { textEditedMs: later(call, random, last, pivot) }),
  },
  {
    share: 0.005,
    apply: (call, random, last, pivot) => setLife(call, { privateMs: later(call, random, last, pivot) }),
  },
  { share: 0.005, apply: (call, random, last, pivot) => setLife(call, { erasedMs: later(call, random, last, pivot) }) },
  {
    share: 0.01,
    apply: (call) => {
      call.partiesMissing = true;
    },
  },
  // An ordinary call of the last day.
  {
    share: 0.015,
    apply: (call, random, _last, pivot) => {
      moveTo(call, pivot + random.int(60, 1200) * minuteMs);
      showLater(call, endOf(call) + random.int(5, 40) * minuteMs);
    },
  },
];

/** Gives each call at most one fate. Worlds of fewer than 50 calls have none. */
export function assignFates(random: Random, calls: CallDraft[], endsAt: number): void {
  if (calls.length < 50) return;
  const pivot = endsAt - dayMs;
  const order = shuffled(calls, random);
  const settled = order.filter((call) => call.startedMs < pivot - 2 * dayMs);
  for (const { share, apply } of fates) {
    const count = Math.max(1, Math.round(share * calls.length));
    for (let i = 0; i < count; i++) {
      const call = settled.pop();
      if (call) apply(call, random, i === 0, pivot);
    }
  }
}

/** An event after everything else about the call has settled: days later, or in the world's last day. */
function later(call: CallDraft, random: Random, last: boolean, pivot: number): number {
  return last ? pivot + random.int(1, 20) * hourMs : call.life.contentMs + random.int(20, 100) * hourMs;
}

function moveTo(call: CallDraft, startMs: number): void {
  call.startedMs = startMs;
  call.scheduledMs = startMs;
}

function showLater(call: CallDraft, visibleMs: number): void {
  setLife(call, { visibleMs, transcriptMs: visibleMs, completeMs: visibleMs, contentMs: visibleMs + 10 * minuteMs });
}

function setLife(call: CallDraft, changes: Partial<CallLife>): void {
  call.life = { ...call.life, ...changes };
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = random.int(0, i);
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
}
