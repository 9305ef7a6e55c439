// The manifest: one numbered file per commit, created exclusively. It says which data files are live and carries the state; it
// is the commit. Every 64th lists all live files, the others what they added.
import { randomUUID } from 'node:crypto';
import { link, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ConnectorError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { makeFolder, syncPath } from './durable.ts';

const fileSchema = z.object({
  /** Relative to the root. */
  path: z.string(),
  stream: z.string(),
  rows: z.number(),
  bytes: z.number(),
  sha256: z.string(),
  /** Name in `shapes` of the columns it was written with. */
  shape: z.string(),
});

const tableSchema = z.object({
  /** Key of the stream: namespace and name. */
  stream: z.string(),
  name: z.string(),
  namespace: z.string().nullable(),
  columns: z.array(z.object({ property: z.string(), name: z.string(), type: z.string() })),
  /** SQL over the columns; empty for a stream that only appends. */
  keys: z.array(z.string()),
  cursor: z.string().nullable(),
});

const connectionSchema = z.object({
  seq: z.number(),
  batchId: z.string(),
  streams: z.record(
    z.string(),
    z.custom<JsonObject>((value) => typeof value === 'object' && value !== null),
  ),
});

const manifestSchema = z.object({
  format: z.literal(1),
  seq: z.number(),
  /** Lists all live files, not only new ones. */
  isFull: z.boolean(),
  files: z.array(fileSchema),
  tables: z.array(tableSchema),
  /** Columns of data files, by a name made of them: name → DuckDB type. */
  shapes: z.record(z.string(), z.record(z.string(), z.string())),
  connections: z.record(z.string(), connectionSchema),
  committedAt: z.string(),
});

export type LakeFile = z.infer<typeof fileSchema>;
export type LakeTable = z.infer<typeof tableSchema>;
export type Manifest = z.infer<typeof manifestSchema>;

/** The lake as of its newest manifest. */
export interface Head extends Manifest {
  /** All live files. */
  readonly live: readonly LakeFile[];
}

/** A full list of files at least this often. */
const fullEvery = 64;

const folderOf = (root: string) => join(root, '_manifest');
const nameOf = (seq: number) => `${String(seq).padStart(10, '0')}.json`;

/** @returns undefined when there is no lake at `root` yet. @throws ConnectorError (destination) for a manifest that is broken or newer. */
export async function readHead(root: string): Promise<Head | undefined> {
  const names = await readdir(folderOf(root)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const last = names
    .filter((name) => /^\d{10}\.json$/.test(name))
    .sort()
    .at(-1);
  if (last === undefined) return undefined;
  const head = await readManifest(root, Number(last.slice(0, 10)));
  const live: LakeFile[] = [...head.files];
  for (let manifest = head; !manifest.isFull; ) {
    manifest = await readManifest(root, manifest.seq - 1);
    live.unshift(...manifest.files);
  }
  return { ...head, live };
}

async function readManifest(root: string, seq: number): Promise<Manifest> {
  const path = join(folderOf(root), nameOf(seq));
  try {
    return manifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new ConnectorError(`The manifest ${path} cannot be read: it is missing, damaged, or of a newer gong-elt.`, {
      area: 'destination',
      hint: 'restore the folder from a backup, or use the version of gong-elt that wrote it; nothing was changed',
      fields: { seq },
      cause,
    });
  }
}

/**
 * Writes the manifest after `head` and makes it durable. Never half a file under its name: written beside, then linked.
 * @returns false when another process has taken the number.
 */
export async function writeManifest(
  root: string,
  head: Head | undefined,
  next: Omit<Manifest, 'format' | 'seq' | 'isFull'>,
): Promise<boolean> {
  const seq = (head?.seq ?? 0) + 1;
  const isFull = head === undefined || seq % fullEvery === 0;
  const files = isFull ? [...(head?.live ?? []), ...next.files] : next.files;
  const manifest: Manifest = { format: 1, seq, isFull, ...next, files };
  const folder = folderOf(root);
  await makeFolder(folder);
  const temporary = join(folder, `.${randomUUID()}.part`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(JSON.stringify(manifest));
      await file.sync();
    } finally {
      await file.close();
    }
    await link(temporary, join(folder, nameOf(seq)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  await syncPath(folder);
  return true;
}
