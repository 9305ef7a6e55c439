// What Gong shows of a call at an instant: a pure function of the clock.
import type { WorldCall } from './world.ts';

/** `future` not over yet · `processing` over, not listed, but counted in totals · `visible` · `gone` erased. */
export type Sight = 'future' | 'processing' | 'visible' | 'gone';

export function endOf(call: WorldCall): number {
  return call.startedMs + call.durationS * 1000;
}

export function sightOf(call: WorldCall, nowMs: number): Sight {
  if (nowMs >= call.life.erasedMs) return 'gone';
  if (nowMs >= call.life.visibleMs) return 'visible';
  return nowMs >= endOf(call) ? 'processing' : 'future';
}

export function isPrivateAt(call: WorldCall, nowMs: number): boolean {
  return nowMs >= call.life.privateMs;
}

/** Which text of the call is there: none yet (or ever), its first part, all of it, or the corrected one. */
export type SpeechVersion = 'none' | 'partial' | 'complete' | 'edited';

export function speechVersionAt(call: WorldCall, nowMs: number): SpeechVersion {
  if (nowMs < call.life.transcriptMs) return 'none';
  if (nowMs < call.life.completeMs) return 'partial';
  return nowMs < call.life.textEditedMs ? 'complete' : 'edited';
}
