// What a sync would read and buy, for people.
import { type Field, fieldLines } from '../formats/fields.ts';
import type { Plan } from '../source/plan.ts';

const grouped = new Intl.NumberFormat('en-US');
const number = (value: number) => grouped.format(value);
const row = (name: string, text: string): Field => ({ name, text });
const day = (instant: string | null) => instant?.slice(0, 10) ?? '';

/** @param room columns of the terminal */
export function planText(plan: Plan, room?: number): string {
  return fieldLines(planFields(plan), { nameWidth: 14, room });
}

function planFields(plan: Plan): Field[] {
  const { list, transcripts, perDay, seconds } = plan.gongRequests;
  const buys = Math.min(plan.toBuy, plan.maxRuns);
  const waits = plan.toBuy - buys;
  const pending = plan.kits.reduce((sum, { wait }) => sum + wait.no_transcript, 0);
  // What waits may have come by then, and what was not answered may never have arrived.
  const most = Math.min(plan.toBuy + pending + plan.sentAgain, plan.maxRuns);
  return [
    plan.from === null
      ? row('window', 'nothing to list')
      : row('window', `${day(plan.from)} → ${day(plan.until)}          calls ${number(plan.calls)}`),
    row(
      'not evaluable',
      `private ${number(plan.private)} · still without transcript ${number(plan.withoutTranscript)}`,
    ),
    ...plan.kits.map(({ kit, skip, wait, toBuy }) =>
      row(
        `kit ${kit}`,
        [
          `already evaluated ${number(skip.bought)}`,
          `too short ${number(skip.short_call)}`,
          `waits for a transcript ${number(wait.no_transcript)}`,
          `runs to buy ${number(toBuy)}`,
        ].join(' · '),
      ),
    ),
    ...(plan.sentAgain === 0
      ? []
      : [row('sent again', `${number(plan.sentAgain)} that were not answered: no run twice`)]),
    row('Gong', `${number(list + transcripts)} requests of ${number(perDay)} a day, about ${duration(seconds)}`),
    ...(plan.kits.length === 0
      ? []
      : [
          row(
            'limit',
            waits === 0
              ? `max_runs_per_sync ${number(plan.maxRuns)}: a sync would buy at most ${number(most)}`
              : `max_runs_per_sync ${number(plan.maxRuns)}: a sync would buy ${number(buys)}, ${number(waits)} wait; --max-runs ${plan.toBuy} buys all`,
          ),
        ]),
  ];
}

function duration(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
