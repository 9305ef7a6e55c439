// A run as Semarize shows it.
import type { JsonObject } from '../../core/json.ts';
import type { SandboxSettings } from '../settings.ts';
import type { World } from '../world/world.ts';
import { evaluateCall } from './evaluate-call.ts';
import { findKitVersion } from './kits.ts';
import type { StoredRun } from './run-store.ts';

/** The run as GET shows it; fields that nobody documented stand among the documented ones. */
export function toRun(
  options: { world: World; settings: SandboxSettings },
  run: StoredRun,
  progress: 'queued' | 'running' | 'ended',
): JsonObject {
  const version: JsonObject = options.settings.kitVersionInAnswer ? { kit_version_id: run.versionId } : {};
  const head: JsonObject = { run_id: run.id, status: progress, run_type: run.type, ...version };
  if (progress !== 'ended') return head;
  const found = findKitVersion(run.versionId);
  if (!found) return { ...head, status: 'cancelled' };
  const call = run.callId === null ? undefined : options.world.callById(run.callId);
  const { kit } = found;
  const result = evaluateCall(options.world, {
    call,
    textHash: run.textHash,
    kit,
    version: found.version,
    nth: run.nth,
  });
  const ended: JsonObject = { ...head, duration_ms: durationOf(run), region: 'sandbox' };
  if (result.status !== 'succeeded') return { ...ended, ...result };
  return { ...ended, status: 'succeeded', output: { kit_code: kit.code, bricks: result.bricks, schema_revision: 1 } };
}

/** 600 to 4,695 ms, a fact of the run. */
function durationOf(run: StoredRun): number {
  return 600 + (Number.parseInt(run.id.slice(-6), 16) & 0xfff);
}
