// Can a place be written, and what waits in it? Buys nothing.
import { toConnectorError } from '../core/errors.ts';
import type { LedgerStatus } from '../core/ledger.ts';
import type { CheckRow } from '../source/check.ts';
import type { Environment } from './environment.ts';
import type { Place } from './places/place.ts';
import { entriesWithoutRow } from './runs-table.ts';

export async function checkPlace(place: Place, environment: Environment): Promise<CheckRow[]> {
  const name = 'destination';
  try {
    const destination = await place.openDestination({}, environment);
    await destination.preflight().finally(() => destination.close());
    const detail = `${place.shown} writable, not locked, ${await place.remark()}`;
    const row: CheckRow = { level: 'ok', name, detail };
    return [row, ...(await backlogRows(place, environment))];
  } catch (error) {
    const { message, hint, area } = toConnectorError(error);
    return [{ level: 'fail', name, detail: message, nextStep: hint, area }];
  }
}

/** What was paid for and has no row, and what waits for a person. */
async function backlogRows(place: Place, environment: Environment): Promise<CheckRow[]> {
  const entries = await entriesWithoutRow(place, environment);
  const count = (...statuses: LedgerStatus[]) => entries.filter(({ status }) => statuses.includes(status)).length;
  const open = count('intent', 'accepted', 'terminal');
  const frozen = count('frozen');
  const lost = count('lost');
  const rows: CheckRow[] = [];
  const name = 'backlog';
  if (open > 0)
    rows.push({ level: 'warn', name, detail: `${open} paid runs not collected yet`, nextStep: 'gong-elt sync' });
  if (frozen + lost > 0)
    rows.push({
      level: 'warn',
      name,
      detail: `${frozen} frozen and ${lost} lost items wait for a decision`,
      nextStep: `gong-elt runs list --status ${frozen > 0 ? 'frozen' : 'lost'}`,
    });
  return rows;
}
