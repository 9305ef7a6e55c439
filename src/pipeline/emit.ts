// A source's messages onto the wire of a host. Every face that reads for a host does it through here.
import type { Log } from '../core/log.ts';
import type { Message } from '../core/message.ts';
import type { LineWriter } from '../jsonl/writer.ts';
import type { Encoder } from '../protocol/dialect.ts';
import { reportLines } from './summary.ts';

export interface Wire {
  readonly encoder: Encoder;
  readonly output: LineWriter;
  readonly log: Log;
  /** Called with the name of the stream of each record that was written. */
  readonly onRecord?: ((stream: string) => void) | undefined;
}

/**
 * Logs, the report, and waits that the dialect has no word for go to the log.
 * @returns why the read is not complete, for people; undefined when it is
 * @throws what the source throws, and what the output does
 */
export async function emitMessages(
  messages: AsyncIterable<Message>,
  { encoder, output, log, onRecord }: Wire,
): Promise<string | undefined> {
  const incomplete = new Set<string>();
  const start = encoder.start();
  if (start !== '') await output.write(start);
  for await (const message of messages) {
    if (message.type === 'log') {
      log(message.level, message.message, message.fields);
      continue;
    }
    const text = encoder.encode(message);
    if (text !== '') await output.write(text);
    if (message.type === 'record') onRecord?.(message.stream);
    // A state says what may have been bought next: it leaves this process before the source goes on.
    else if (message.type === 'state') await output.finish();
    else if (message.type === 'report') for (const line of reportLines(message.report)) log('info', line);
    else if (message.status === 'incomplete') incomplete.add(message.stream);
    else if (message.rateLimitedUntil !== undefined && text === '')
      log('info', `${message.stream} waits until ${new Date(message.rateLimitedUntil).toISOString()}`);
  }
  if (incomplete.size === 0) return undefined;
  return `Incomplete: ${[...incomplete].join(', ')}. The next sync goes on from the last state.`;
}
