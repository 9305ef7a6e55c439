// An evaluator with a real client, a real ledger file and the sandbox's Semarize, without Gong and without a destination.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { noCrashPoint } from '../../src/core/crash-point.ts';
import { sha256 } from '../../src/core/hash.ts';
import type { LedgerEntry } from '../../src/core/ledger.ts';
import { createHttpClient } from '../../src/http/client.ts';
import { createLimiter } from '../../src/http/limiter.ts';
import { openFileLedger } from '../../src/ledger/file-ledger.ts';
import type { StandaloneLedger } from '../../src/ledger/standalone.ts';
import { createVirtualClock, type SandboxClock } from '../../src/sandbox/clock.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import type { SandboxSettings } from '../../src/sandbox/settings.ts';
import { createHandmadeWorld } from '../../src/sandbox/world/handmade-world.ts';
import { createSemarizeClient } from '../../src/semarize/client.ts';
import { createEvaluator } from '../../src/semarize/evaluate.ts';
import type { EvaluationItem } from '../../src/semarize/evaluation-entry.ts';
import type { Evaluator, EvaluatorOptions } from '../../src/semarize/evaluator.ts';
import type { TerminalEntry } from '../../src/semarize/follow-run.ts';
import { decidePurchase, type Purchase } from '../../src/source/purchase.ts';

export const kit = 'A1B2C3D4';
export const postRuns = 'POST /v1/runs';
export const pollRun = 'GET /v1/runs/{id}';
export const listRuns = 'GET /v1/runs';

/** The call number `n`, with a text of its own. */
export function itemOf(n: number, changes: Partial<EvaluationItem> = {}): EvaluationItem {
  const text = changes.text ?? `Ada (rep): this is what was said in call number ${n}.`;
  return {
    callId: `77823422740259378${String(n).padStart(2, '0')}`,
    startedAt: '2026-03-01T08:00:00.000Z',
    text,
    transcriptHash: sha256(text),
    kit,
    version: null,
    input: 'text',
    ...changes,
  };
}

export const itemsOf = (count: number) => Array.from({ length: count }, (_, n) => itemOf(n));

/** One sync: an evaluator and its ledger, as a process would have them. */
export interface Sync {
  readonly evaluator: Evaluator;
  readonly ledger: StandaloneLedger;
  readonly returned: LedgerEntry[];
  /** Buys the item if the source would. @returns what was decided */
  submit(item: EvaluationItem): string;
  /** Submits the items and waits until nothing is under way. @returns the decisions, and what ended. */
  run(items?: readonly EvaluationItem[]): Promise<{ decisions: string[]; ended: TerminalEntry[] }>;
  /** What the ledger file says in the end. */
  end(): Promise<LedgerEntry[]>;
}

/** As the source decides it, of a call that is over and a kit that asks for everything. */
function decide(item: EvaluationItem, evaluator: Evaluator): Purchase {
  const entry = evaluator.find(item);
  return decidePurchase(
    { id: item.callId, startedAt: 1, endedAt: 1, isPrivate: false, durationSeconds: 60, language: undefined },
    { status: 'available', hash: item.transcriptHash, chars: item.text.length },
    { from: 0, minDurationSeconds: 0, lower: 0, closed: [] },
    {
      isOwed: false,
      entry,
      waitsForText: entry !== undefined && entry.body === undefined && evaluator.waitsForText(entry.key),
      isOfUnknownVersion: false,
    },
    { now: 2, settleMs: 0, minChars: 10, left: evaluator.left(), hasStopped: false, isAsked: true },
  );
}

export interface Scene {
  readonly sandbox: Sandbox;
  readonly clock: SandboxClock;
  readonly logged: string[];
  readonly ledgerPath: string;
  startSync(options?: Partial<EvaluatorOptions>): Promise<Sync>;
}

export async function openScene(settings: Partial<SandboxSettings> = {}, deadlineMs = 5000): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'gong-elt-evaluate-'));
  const clock = createVirtualClock(Date.parse('2026-03-02T08:00:00Z'));
  const world = createHandmadeWorld([{ started: '2026-03-01T08:00:00Z' }]);
  const sandbox = await startSandbox({ world, clock, settings: { runEnds: { afterPolls: 0 }, ...settings } });
  onTestFinished(async () => {
    await sandbox.close();
    await rm(folder, { recursive: true, force: true });
  });
  const ledgerPath = join(folder, 'runs.jsonl');
  const logged: string[] = [];
  return {
    sandbox,
    clock,
    logged,
    ledgerPath,
    async startSync(options = {}) {
      const http = createHttpClient({
        service: 'Semarize',
        baseUrl: new URL(sandbox.url),
        authorization: `Bearer ${sandbox.semarizeApiKey}`,
        insideAllowed: true,
        limiter: createLimiter({ service: 'Semarize', requestsPerSecond: 1000, requestsPerDay: 1e9, clock }),
        retry: { tries: 6, baseMs: 1000, capMs: 60_000, maxWaitMs: 900_000 },
        clock,
        random: () => 0.5,
        log: (_level, message) => logged.push(message),
        userAgent: 'test',
        deadlineMs,
      });
      const ledger = await openFileLedger(ledgerPath);
      onTestFinished(() => http.close());
      const returned: LedgerEntry[] = [];
      const evaluator = createEvaluator({
        client: createSemarizeClient(http),
        ledger,
        workspaceLabel: 'default',
        keyClass: 'live',
        maxRuns: 100,
        concurrency: 8,
        clock,
        log: (_level, message) => logged.push(message),
        crashPoint: noCrashPoint,
        signal: new AbortController().signal,
        onReturned: (entry) => returned.push(entry),
        beforePosts: () => Promise.resolve(),
        ...options,
      });
      await evaluator.resume();
      const maxRuns = options.maxRuns ?? 100;
      const submit = (item: EvaluationItem): string => {
        const decision = decide(item, evaluator);
        if (decision.do === 'buy') evaluator.buy(item, decision.attempt);
        if (decision.do === 'resend') evaluator.resend(item);
        if (decision.do === 'buy') return 'sent';
        if (decision.do === 'wait') return evaluator.failure() === undefined && maxRuns > 0 ? 'over_limit' : 'stopped';
        return 'known';
      };
      return {
        evaluator,
        ledger,
        returned,
        submit,
        async run(items = []) {
          const decisions = items.map((item) => submit(item));
          const ended: TerminalEntry[] = [];
          for (;;) {
            for (const entry of evaluator.takeReady()) {
              ended.push(entry);
              ledger.rowEmitted(entry);
            }
            if (evaluator.isIdle()) break;
            await evaluator.whenChanged();
          }
          const isBack = (item: EvaluationItem) =>
            ledger.find(item) === undefined && returned.some(({ callId }) => callId === item.callId);
          return {
            decisions: decisions.map((decision, n) =>
              decision === 'sent' && isBack(items[n] as EvaluationItem) ? 'stopped' : decision,
            ),
            ended,
          };
        },
        async end() {
          await evaluator.stop();
          await ledger.close();
          const written = await openFileLedger(ledgerPath, { readOnly: true });
          return [...written.entries()];
        },
      };
    },
  };
}
