// The manifest: one numbered file per commit, created exclusively. It says which data files are live and carries the state; it
// is the commit. Every 64th lists all live files, the others what they added.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ConnectorError } from '../../core/errors.ts';
import type { JsonObject } from '../../core/json.ts';
import { isJsonObject } from '../../core/json.ts';
import type { Store } from '../../core/store.ts';
import { openFolder } from '../../store/folder.ts';

const fileSchema = z.object({
  /** Relative to the root, with `/`. */
  path: z.string(),
  stream: z.string(),
  /** The batch that brought it. */
  batchId: z.string(),
  rows: z.number(),
  bytes: z.number(),
  sha256: z.string(),
  /** Name in `shapes` of the columns it was written with. */
  shape: z.string(),
});

const columnSchema = z.object({ name: z.string(), type: z.string() });

const tableSchema = z.object({
  /** Key of the stream: namespace and name. */
  stream: z.string(),
  name: z.string(),
  namespace: z.string().nullable(),
  /** Name of its view: the stream's own, unless that differs from another one only by case. */
  view: z.string(),
  columns: z.array(columnSchema.extend({ property: z.string() })),
  /** SQL over the columns; empty for a stream that only appends. */
  keys: z.array(z.string()),
  cursor: z.string().nullable(),
});

// Names come from outside: as keys of objects, `__proto__` and its like would be lost on the way through zod.
const connectionSchema = z.object({
  name: z.string(),
  seq: z.number(),
  batchId: z.string(),
  streams: z.custom<Record<string, JsonObject>>(isJsonObject),
});

const manifestSchema = z.object({
  format: z.literal(1),
  seq: z.number(),
  /** Lists all live files, not only new ones. */
  isFull: z.boolean(),
  files: z.array(fileSchema),
  tables: z.array(tableSchema),
  /** Columns of data files, named by their hash. */
  shapes: z.array(z.object({ name: z.string(), columns: z.array(columnSchema) })),
  connections: z.array(connectionSchema),
  committedAt: z.string(),
});

export type LakeFile = z.infer<typeof fileSchema>;
export type LakeShape = Manifest['shapes'][number];
export type LakeTable = z.infer<typeof tableSchema>;
export type Manifest = z.infer<typeof manifestSchema>;

/** The lake as of its newest manifest. */
export interface Head extends Manifest {
  /** All live files. */
  readonly live: readonly LakeFile[];
}

/** What a commit says beside its number: its files, and all tables, shapes and connections as they are then. */
export type Addition = Omit<Manifest, 'format' | 'seq' | 'isFull'>;

/** A full list of files at least this often. */
export const fullEvery = 64;

const folder = '_manifest/';
const nameOf = (seq: number) => `${folder}${String(seq).padStart(10, '0')}.json`;

/** Numbers of the manifests in `root`, ascending; none when nothing was committed yet. */
export async function listManifests(root: string): Promise<number[]> {
  return (await openFolder(root).list(folder))
    .map((name) => /^_manifest\/(\d{10})\.json$/.exec(name)?.[1])
    .filter((number) => number !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

export function manifestPath(root: string, seq: number): string {
  return join(root, nameOf(seq));
}

/**
 * @param known an earlier answer: only what came after it is read
 * @returns undefined when there is no lake at `root` yet
 * @throws ConnectorError (destination) for a manifest that is broken, missing in between, or of a newer version
 */
export async function readHead(root: string, known?: Head): Promise<Head | undefined> {
  const last = (await listManifests(root)).at(-1);
  if (last === undefined) return undefined;
  if (last === known?.seq) return known;
  const head = await readManifest(root, last);
  const newest: LakeFile[][] = [head.files];
  let oldest = head;
  while (!oldest.isFull) {
    if (oldest.seq - 1 === known?.seq) {
      newest.unshift([...known.live]);
      break;
    }
    oldest = await readManifest(root, oldest.seq - 1);
    newest.unshift(oldest.files);
  }
  return { ...head, live: newest.flat() };
}

async function readManifest(root: string, seq: number): Promise<Manifest> {
  const path = manifestPath(root, seq);
  try {
    return manifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new ConnectorError(`the manifest ${path} cannot be read: it is missing, damaged, or of a newer gong-elt`, {
      area: 'destination',
      hint: 'restore the folder from a backup, or use the version of gong-elt that wrote it; nothing was changed',
      fields: { seq },
      cause,
    });
  }
}

/**
 * Writes the manifest after `head` and makes it durable.
 * @returns the new head; undefined when another process has taken the number
 */
export async function writeManifest(lake: Store, head: Head | undefined, next: Addition): Promise<Head | undefined> {
  const seq = (head?.seq ?? 0) + 1;
  const live = [...(head?.live ?? []), ...next.files];
  const isFull = head === undefined || seq % fullEvery === 0;
  const manifest: Manifest = { ...next, format: 1, seq, isFull, files: isFull ? live : next.files };
  const isCreated = await lake.create(nameOf(seq), JSON.stringify(manifest));
  return isCreated ? { ...manifest, live } : undefined;
}
