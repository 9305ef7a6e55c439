// Spark with Delta Lake: its Python environment, the jars of Delta Lake from Maven, and how it is run.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { keptFolder, programOf } from './environment.ts';
import { type Finished, run } from './run.ts';

const maven = 'https://repo1.maven.org/maven2/io/delta';
const jars = [
  {
    path: 'delta-spark_4.1_2.13/4.2.0/delta-spark_4.1_2.13-4.2.0.jar',
    sha256: '8480050a55c7e50427f3bec3af9243f98fc7cbfa453a2ef55e6ea8d0b7b121ff',
  },
  {
    path: 'delta-storage/4.2.0/delta-storage-4.2.0.jar',
    sha256: '2d84df76551f2b3cd27b120abec67ccbba324cea6ec45eb659edcc54234f99f3',
  },
];
const folder = join(keptFolder, 'spark-jars');

/** Downloads what is not there yet. @throws when it is not what is pinned */
export async function prepareSpark(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const { path, sha256 } of jars) {
    const target = join(folder, path.slice(path.lastIndexOf('/') + 1));
    if (existsSync(target) && digestOf(readFileSync(target)) === sha256) continue;
    const answer = await fetch(`${maven}/${path}`);
    const content = Buffer.from(await answer.arrayBuffer());
    expect(digestOf(content), `${maven}/${path}`).toBe(sha256);
    await writeFile(`${target}.part`, content);
    await rename(`${target}.part`, target);
  }
}

/** Runs one of the scripts beside this file in Spark's environment; Java has to be there. */
export async function runSpark(script: string, args: readonly string[]): Promise<Finished> {
  const env = { SPARK_DELTA_JARS: folder, TZ: 'UTC', SPARK_LOCAL_IP: '127.0.0.1' };
  return await run(programOf('spark', 'python'), [join(import.meta.dirname, script), ...args], { env });
}

/** The rows of the last of some statements. */
export async function askSpark(...statements: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await runSpark('spark_lake.py', statements);
  expect(code, stderr.slice(-3000)).toBe(0);
  return JSON.parse(stdout);
}

function digestOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
