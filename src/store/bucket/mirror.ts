// A bucket as the home of a lake: programs of this machine read and write a temporary folder, and what they make goes up before it
// counts. A file of a lake is never written twice, so what was brought once stays right.
import { randomUUID } from 'node:crypto';
import { link, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { ConnectorError } from '../../core/errors.ts';
import { inParallel } from '../../core/in-parallel.ts';
import type { FileStore } from '../../core/store.ts';
import type { Bucket } from './bucket.ts';
import { downloadFile } from './download.ts';
import { probeBucket } from './probe.ts';
import { uploadFile } from './upload.ts';

export interface MirrorOptions {
  readonly bucket: Bucket;
  /** `s3://bucket/prefix`. */
  readonly address: string;
  /** A folder of this process alone. */
  readonly root: string;
  readonly isSingleWriter: boolean;
  readonly clock: Clock;
  /** Bytes of files that nobody keeps; default 1 GiB. */
  readonly mostBytes?: number;
}

export interface Mirror {
  /** @param keeps what it brings stays until `forget` */
  open(keeps: boolean): { readonly store: FileStore; forget(): void };
}

const defaultMostBytes = 2 ** 30;
const downloadsAtOnce = 4;

export function createMirror(options: MirrorOptions): Mirror {
  const { bucket, root, isSingleWriter, clock, mostBytes = defaultMostBytes } = options;
  /** Bytes by name, the one used last at the end. */
  const present = new Map<string, number>();
  const coming = new Map<string, Promise<void>>();
  const kept = new Map<string, number>();

  async function fetchOne(name: string): Promise<void> {
    const known = present.get(name);
    if (known !== undefined) {
      present.delete(name);
      present.set(name, known);
      return;
    }
    const path = join(root, name);
    const arriving =
      coming.get(name) ??
      downloadFile(bucket.requests, bucket.keyOf(name), path)
        .then(async () => void present.set(name, (await stat(path)).size))
        .finally(() => coming.delete(name));
    coming.set(name, arriving);
    await arriving;
  }

  /** Makes room by what was not used for longest. @param needed at this moment */
  async function shrink(needed: ReadonlySet<string>): Promise<void> {
    let bytes = [...present.values()].reduce((sum, size) => sum + size, 0);
    for (const [name, size] of [...present]) {
      if (bytes <= mostBytes) return;
      if (needed.has(name) || kept.has(name)) continue;
      present.delete(name);
      bytes -= size;
      await rm(join(root, name), { force: true });
    }
  }

  const { list, read, create, put, folders, walk } = bucket;

  function open(keeps: boolean) {
    const ours = new Set<string>();
    const store: FileStore = {
      root,
      list,
      read,
      create,
      put,
      folders,
      walk,
      addressOf: (name) => `${options.address.replace(/\/*$/, '')}/${name}`,
      async take(path, name) {
        await uploadFile(path, { requests: bucket.requests, key: bucket.keyOf(name), isSingleWriter });
        const target = join(root, name);
        await mkdir(dirname(target), { recursive: true, mode: 0o700 });
        await rename(path, target);
        present.set(name, (await stat(target)).size);
        await shrink(new Set([name]));
      },
      async copy(name, to) {
        await store.bring([name]);
        const part = join(root, `${randomUUID()}.part`);
        await link(join(root, name), part);
        await store.take(part, to);
      },
      async removeFolder(folder) {
        const names: string[] = [];
        for await (const { name } of walk(folder)) names.push(name);
        const isEntry = (name: string) => name.includes('/_delta_log/');
        // The first entry says what table it is, so it goes behind all others of the log; data files go last.
        const log = names.filter(isEntry).sort().reverse();
        for (const name of [...log, ...names.filter((one) => !isEntry(one))]) await store.remove(name);
      },
      async bring(names) {
        const needed = new Set(names);
        if (keeps)
          for (const name of needed) {
            if (!ours.has(name)) kept.set(name, (kept.get(name) ?? 0) + 1);
            ours.add(name);
          }
        try {
          await inParallel(needed, downloadsAtOnce, fetchOne);
        } catch (error) {
          throw isFull(error) ? noRoom(root, error) : error;
        }
        await shrink(needed);
      },
      async remove(name) {
        await bucket.remove(name);
        present.delete(name);
        await rm(join(root, name), { force: true });
      },
      probe: (shown) => probeBucket(bucket, { shown, isSingleWriter, now: clock.now() }),
    };
    const forget = () => {
      for (const name of ours) {
        const holders = (kept.get(name) ?? 1) - 1;
        if (holders === 0) kept.delete(name);
        else kept.set(name, holders);
      }
      ours.clear();
    };
    return { store, forget };
  }

  return { open };
}

function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function noRoom(folder: string, cause: unknown): ConnectorError {
  return new ConnectorError(`no room for the files of the lake in the temporary folder ${folder}`, {
    area: 'destination',
    hint: 'free some space there, or name a folder on a larger disk in TMPDIR',
    fields: { path: folder },
    cause,
  });
}
