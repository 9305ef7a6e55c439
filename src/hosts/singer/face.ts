// What both Singer faces share: flags of a host to a function of ours, and its end to a last line and an exit code.
import { createLineWriter, type LineWriter } from '../../jsonl/writer.ts';
import { endByError } from '../../process/ending.ts';
import { exitCodes } from '../../process/exit-codes.ts';
import type { ProgramIo } from '../../process/program.ts';
import { answerAbout, type SingerAbout, settingNamesOf } from './about.ts';
import { parseArguments, type SingerArguments } from './arguments.ts';
import { findFiles, type SingerFiles } from './files.ts';
import { createSingerLog, type SingerLog } from './log.ts';

export interface SingerContext extends SingerFiles {
  readonly io: ProgramIo;
  /** stdout: nothing but messages. */
  readonly output: LineWriter;
  readonly words: SingerLog;
  readonly flags: SingerArguments;
  /** Aborted when a signal came, and when nobody reads the messages any more. */
  readonly signal: AbortSignal;
}

/** @returns the exit code. @throws what a host is told in the last line on stderr. */
export type SingerCommand = (context: SingerContext) => Promise<number>;

/**
 * Runs a face. A host is told of every failure.
 * @param name of the program
 * @param flags that the program takes, for its usage
 * @returns the exit code
 */
export async function runSingerFace(
  io: ProgramIo,
  name: string,
  flags: string,
  about: () => Promise<SingerAbout>,
  run: SingerCommand,
): Promise<number> {
  const output = createLineWriter(io.stdout);
  const signal = AbortSignal.any([io.signal, output.signal]);
  const usage = `${name} ${flags}`;
  const words = createSingerLog(io, name);
  let code: number = exitCodes.complete;
  try {
    const given = parseArguments(io.argv, usage);
    const text = await answerAbout(given, name, usage, about);
    const files = findFiles(given, io, name, async () => settingNamesOf(await about()));
    if (text !== undefined) await output.write(text);
    else code = await run({ ...files, io, output, words, flags: given, signal });
    await output.finish();
  } catch (thrown) {
    code = endByError(thrown, signal, words);
    // Nobody is left to tell when that fails, too.
    await output.finish().catch(() => {});
  }
  return code;
}
