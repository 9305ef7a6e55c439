// Lines of a host or a pipe into the loader, and the states back when they are durable.
import type { Readable } from 'node:stream';
import type { ConfiguredStream } from '../core/catalog.ts';
import type { Clock } from '../core/clock.ts';
import { ConnectorError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import { type Line, splitLines } from '../jsonl/lines.ts';
import type { Loader } from '../load/loader-contract.ts';
import type { LoadSummary } from '../load/summary.ts';
import type { Decoded, DecodedBatch, Decoder } from '../protocol/dialect.ts';
import { BatchFileError, type BatchFolders, readBatchFile } from './batch-files.ts';
import { quoted } from './stream-warnings.ts';

export interface Lines {
  readonly input: Readable;
  readonly decoder: Decoder;
  /** Does a line that cannot be read end the load? What came before it is stored then. Otherwise it is told and left out. */
  readonly failsOnBrokenLine?: boolean | undefined;
  /** Writes the line of an acknowledged state. */
  readonly acknowledge: (line: Buffer) => Promise<void> | undefined;
  /** Where files with records may lie that a message names; undefined = there are no such messages. */
  readonly batchFolders?: BatchFolders | undefined;
  /** Called with the name of the stream of each record that is taken. */
  readonly onRecord?: ((stream: string) => void) | undefined;
}

export interface LineLoadOptions extends Lines {
  readonly loader: Loader;
  readonly clock: Clock;
  readonly log: Log;
  /** When aborted, what came is committed and acknowledged, and the rest is not read. */
  readonly signal: AbortSignal;
}

export interface LoadResult {
  readonly summary: LoadSummary;
  /**
   * Why the load is not complete although everything that could be understood is stored, in sentences: messages that could not be
   * read, an input that ended inside a line, tables that were to be replaced and are not. Empty when it is complete.
   */
  readonly incomplete: readonly string[];
}

/**
 * Stray text between the messages is told and left out. A message that is broken is told, left out, and makes the load
 * incomplete; states go on being acknowledged, since the line would be as broken the next time. Either ends the load where the
 * protocol says so.
 * @throws ConnectorError of the destination, or of a line that ends the load; StoppedError when the signal was aborted, after the commit. Nothing is left staged.
 */
export async function loadLines(options: LineLoadOptions): Promise<LoadResult> {
  const { loader, input, signal } = options;
  const lines = createLineHandler(options);
  const stopReading = () => input.destroy();
  try {
    signal.addEventListener('abort', stopReading, { once: true });
    for await (const some of linesUntil(signal, input)) {
      for (const line of some) {
        const wait = lines.handle(line);
        if (wait) await wait;
        if (lines.isCutShort) break;
      }
      if (signal.aborted) break;
    }
    if (signal.aborted) {
      await loader.flush();
      throw signal.reason;
    }
    const summary = await loader.finish(lines.isDamaged);
    const broken = lines.finish();
    return { summary, incomplete: [...(broken === undefined ? [] : [broken]), ...summary.unfinished] };
  } catch (error) {
    await loader.abort();
    throw error;
  } finally {
    signal.removeEventListener('abort', stopReading);
  }
}

async function* linesUntil(signal: AbortSignal, input: Readable): AsyncGenerator<Line[]> {
  if (signal.aborted) return;
  try {
    yield* splitLines(input);
  } catch (error) {
    // An input that we closed ourselves complains.
    if (!signal.aborted) throw error;
  }
}

/** So many lines, streams or types are named one by one; beyond, they are only counted. */
const mostNamed = 20;
const openBrace = 0x7b;

function createLineHandler(options: LineLoadOptions) {
  const { decoder, loader, clock, log, acknowledge } = options;
  const counts = { stray: 0, broken: 0, firstBroken: 0, unknownRecords: 0, unknownMessages: 0 };
  const named = new Set<string>();
  let tornAt: number | undefined;
  let isCutShort = false;

  /** Logs `text` the first time that something called `key` is met. */
  function nameOnce(key: string, text: string) {
    if (named.size >= mostNamed || named.has(key)) return;
    named.add(key);
    log('warn', text);
  }

  /** What came before the line is stored: it would be there the next time too. */
  async function refuse({ number }: Line, reason: string, hint: string): Promise<never> {
    await loader.flush();
    throw new ConnectorError(`Line ${number} of the input cannot be taken: ${reason}.`, {
      area: 'destination',
      hint,
      fields: { line: number },
    });
  }

  async function declareThen(stream: ConfiguredStream, act: () => Promise<void> | void): Promise<void> {
    await loader.declare(stream);
    await act();
  }

  async function takeBatch({ files, toRecordLine }: DecodedBatch, line: Line): Promise<void> {
    if (options.batchFolders === undefined) return refuse(line, 'a BATCH, which nobody reads here', batchHint);
    for (const file of files) {
      const refuseFile = (why: string) => refuse(line, `a BATCH, whose file ${quoted(file)} ${why}`, batchHint);
      try {
        for await (const some of readBatchFile(file, options.batchFolders))
          for (const { number, bytes, fault } of some) {
            const decoded = fault === 'too_long' ? { kind: 'malformed' as const } : decoder.decode(toRecordLine(bytes));
            if (decoded.kind === 'refused') return refuse(line, decoded.reason, decoded.hint);
            if (decoded.kind !== 'record') return refuseFile(`has no record in line ${number}`);
            const wait = apply(decoded, line);
            if (wait) await wait;
            if (options.signal.aborted) {
              isCutShort = true;
              return;
            }
          }
      } catch (error) {
        if (error instanceof BatchFileError) return refuseFile(error.message);
        throw error;
      }
    }
  }

  function leaveOut(line: Line, reason: string): Promise<never> | undefined {
    const { number, bytes, fault } = line;
    if (options.failsOnBrokenLine)
      return refuse(line, reason, 'look at what the tap prints on its stdout, then run again');
    const isMessage = fault === 'too_long' || bytes.find((byte) => byte > 0x20) === openBrace;
    if (isMessage) {
      counts.broken += 1;
      counts.firstBroken ||= number;
    } else counts.stray += 1;
    nameOnce(`line ${number}`, `line ${number} is left out: ${reason}`);
    return undefined;
  }

  function apply(decoded: Decoded, line: Line): Promise<void> | void {
    switch (decoded.kind) {
      case 'record': {
        const { stream, data, meta } = decoded;
        if (stream) {
          options.onRecord?.(stream.stream.name);
          const envelope = { emittedAt: decoded.emittedAt ?? clock.now(), meta, line: line.number };
          if (!decoded.isDeclaredAnew) return loader.addLine(stream, data, envelope);
          return declareThen(stream, () => loader.addLine(stream, data, envelope));
        }
        counts.unknownRecords += 1;
        return nameOnce(
          `stream ${decoded.name}`,
          `records of ${quoted(decoded.name)} are left out: the catalog has no such stream`,
        );
      }
      case 'state':
        return loader.addState(
          decoded.stream?.stream ?? decoded.unknownStream,
          decoded.state,
          (sums) => acknowledge(decoded.acknowledge(sums)),
          decoded.underWay,
        );
      case 'status':
        return loader.noteStatus(decoded.stream?.stream, decoded.status);
      case 'schema':
        return loader.declare(decoded.stream);
      case 'activation': {
        const activate = () => loader.activate(decoded.stream, decoded.version, decoded.isHard);
        return decoded.isDeclaredAnew ? declareThen(decoded.stream, activate) : activate();
      }
      case 'batch':
        return takeBatch(decoded, line);
      case 'unknown':
        counts.unknownMessages += 1;
        return nameOnce(
          `type ${decoded.type}`,
          `messages of type ${quoted(decoded.type)} are left out: this version does nothing with them`,
        );
      case 'malformed':
        return leaveOut(line, decoded.reason);
      case 'refused':
        return refuse(line, decoded.reason, decoded.hint);
      case 'ignored':
    }
  }

  return {
    handle(line: Line): Promise<void> | void {
      if (line.fault === 'too_long') return leaveOut(line, 'it is longer than 64 MiB');
      const decoded = decoder.decode(line.bytes);
      if (line.fault === 'unterminated' && decoded.kind === 'malformed') tornAt = line.number;
      else return apply(decoded, line);
    },
    /** Was a message left in the middle, for the wish to stop? What comes behind it would speak for all of it. */
    get isCutShort() {
      return isCutShort;
    },
    /** Was anything sent that is not here? */
    get isDamaged() {
      return counts.broken > 0 || tornAt !== undefined;
    },
    /** @returns why the load is incomplete */
    finish(): string | undefined {
      const { stray, broken, firstBroken, unknownRecords, unknownMessages } = counts;
      if (stray > 0) log('warn', 'lines that are no messages were left out', { lines: stray });
      if (unknownRecords > 0)
        log('warn', 'records of streams that were not chosen were left out', { records: unknownRecords });
      if (unknownMessages > 0)
        log('warn', 'messages of types that we do nothing with were left out', { messages: unknownMessages });
      const reasons = [
        ...(broken > 0 ? [`${broken} messages could not be read, the first in line ${firstBroken}`] : []),
        ...(tornAt === undefined ? [] : [`the input ended inside line ${tornAt}, which was not applied`]),
      ];
      return reasons.length === 0 ? undefined : `everything that could be read is stored, but ${reasons.join('; ')}`;
    },
  };
}

const batchHint = 'look at the batch_config of the tap and at the batch_root of the target, then run again';
