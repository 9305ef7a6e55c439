// Intents on their way to a POST: first in, first out, made durable one chunk at a time, sent while slots are free.
import type { CrashPoint } from '../core/crash-point.ts';
import type { LedgerEntry } from '../core/ledger.ts';
import { createTasks } from './tasks.ts';

export interface Outgoing {
  readonly entry: LedgerEntry;
  /** An earlier sync may have sent it. */
  readonly wasSent: boolean;
}

export interface CreationQueue {
  /** Resolves `sent` once the intent is durable, `stopped` when it is not sent any more. */
  add(item: Outgoing): Promise<'sent' | 'stopped'>;
  /** What waits is stopped, and nothing is sent any more. */
  close(): void;
  isIdle(): boolean;
  /** Resolves when everything that was sent has ended. */
  settled(): Promise<void>;
}

export interface CreationQueueOptions {
  /** Most runs under way. */
  readonly slots: number;
  /** Writes a chunk of intents; when it throws, nothing of the chunk is sent. */
  readonly makeDurable: (chunk: readonly Outgoing[]) => Promise<void>;
  /** POSTs an intent and follows its run to the end. */
  readonly send: (item: Outgoing) => Promise<void>;
  /** Takes back a durable intent that is not sent, since creation has ended meanwhile. */
  readonly takeBack: (item: Outgoing) => Promise<void>;
  /** Hears what `makeDurable` or `send` threw. */
  readonly onError: (error: unknown) => void;
  readonly onChange: () => void;
  readonly crashPoint: CrashPoint;
}

interface Waiting {
  readonly item: Outgoing;
  readonly decide: (decision: 'sent' | 'stopped') => void;
}

export function createCreationQueue(options: CreationQueueOptions): CreationQueue {
  const { slots, makeDurable, send, takeBack, onError, onChange, crashPoint } = options;
  const waiting: Waiting[] = [];
  const underWay = createTasks(onError, onChange);
  let isPumping = false;
  let isClosed = false;

  async function pump(): Promise<void> {
    if (isPumping) return;
    isPumping = true;
    while (waiting.length > 0) {
      const free = slots - underWay.size;
      if (free > 0) await sendChunk(waiting.splice(0, free));
      else await underWay.oneEnded();
    }
    isPumping = false;
    onChange();
  }

  async function sendChunk(chunk: readonly Waiting[]): Promise<void> {
    crashPoint('CP0');
    try {
      await makeDurable(chunk.map(({ item }) => item));
    } catch (error) {
      for (const { decide } of chunk) decide('stopped');
      return onError(error);
    }
    for (const { decide } of chunk) decide('sent');
    crashPoint('CP1');
    for (const { item } of chunk) underWay.add(isClosed ? takeBack(item) : send(item));
  }

  return {
    add(item) {
      if (isClosed) return Promise.resolve('stopped');
      return new Promise((decide) => {
        waiting.push({ item, decide });
        void pump();
      });
    },
    close() {
      isClosed = true;
      for (const { decide } of waiting.splice(0)) decide('stopped');
    },
    isIdle: () => !isPumping && underWay.size === 0,
    settled: () => underWay.allEnded(),
  };
}
