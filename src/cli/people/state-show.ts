// gong-elt state show: how far each stream came, and which transcripts are waited for or given up.
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';
import { type Field, fieldLines } from '../../formats/fields.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import type { Command } from '../command.ts';
import { textFlag } from '../command.ts';
import { findPlace, fromFlag } from '../find-place.ts';

export const stateShow: Command = {
  name: 'state show',
  describe: 'How far each stream came, and what is waited for',
  examples: [
    'gong-elt state show --from warehouse.duckdb',
    'gong-elt state show --json                          # the state itself, every call id in it',
  ],
  flags: { from: fromFlag },
  async run(flags, context) {
    const place = await findPlace(textFlag(flags, 'from'), 'from', context);
    const destination = await place.openDestination({ waitMs: 10_000 }, context.environment);
    try {
      const saved = await destination.readState();
      if (context.json) await context.print(`${JSON.stringify(saved ?? null)}\n`);
      else if (saved === undefined) context.log('info', `There is no state in ${place.shown}: nothing was synced yet.`);
      else
        for (const [stream, state] of Object.entries(saved.streams))
          await context.print(stateText(stream, state, context.io.terminalColumns));
      return exitCodes.complete;
    } finally {
      await destination.close();
    }
  },
};

function stateText(stream: string, state: JsonObject, room: number | undefined): string {
  const fields = [
    instant('windows closed through', state['closedThrough']),
    instant('last daily look-back', state['deepAt']),
    instant('last weekly sweep', state['sweptAt']),
    ...pendingFields(state['pending']),
    ...kitFields(state['kits']),
  ]
    .filter((field) => field !== undefined)
    .map(({ name, text }) => ({ name: `  ${name}`, text }));
  return `${stream}\n${fieldLines(fields, { nameWidth: 25, room })}`;
}

function instant(name: string, value: JsonValue | undefined): Field | undefined {
  if (value === undefined) return undefined;
  return { name, text: typeof value === 'string' ? `${value.slice(0, 16)}Z` : 'never' };
}

/** An entry is `[first seen, tries, next try]`, and a reason when it is not asked for any more. */
function pendingFields(pending: JsonValue | undefined): Field[] {
  const byEnd = new Map<string, string[]>();
  for (const [id, entry] of Object.entries(isJsonObject(pending) ? pending : {})) {
    const end = Array.isArray(entry) && typeof entry[3] === 'string' ? entry[3] : 'pending';
    byEnd.set(end, [...(byEnd.get(end) ?? []), id]);
  }
  return [...byEnd].map(([end, ids]) => ({ name: end, text: `${ids.length}: ${shortList(ids)}` }));
}

const listed = 10;

function shortList(ids: readonly string[]): string {
  const rest = ids.length - listed;
  return `${ids.slice(0, listed).join(', ')}${rest > 0 ? ` and ${rest} more (--json)` : ''}`;
}

function kitFields(kits: JsonValue | undefined): Field[] {
  return Object.entries(isJsonObject(kits) ? kits : {}).map(([kit, state]) => {
    const { from, closedThrough, owed } = isJsonObject(state) ? state : {};
    const through = typeof closedThrough === 'string' ? `${closedThrough.slice(0, 16)}Z` : 'nothing yet';
    const text = `calls from ${String(from).slice(0, 10)}, evaluated through ${through}${waitingOf(owed)}`;
    return { name: `kit ${kit}`, text };
  });
}

/** Calls before that which are still to be evaluated: their transcripts are waited for. */
function waitingOf(owed: JsonValue | undefined): string {
  const size = isJsonObject(owed) ? Object.keys(owed).length : 0;
  return size === 0 ? '' : `, ${size} waiting`;
}
