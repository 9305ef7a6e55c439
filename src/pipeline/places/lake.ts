// Homes of lakes: a folder of this machine, or a bucket.
import { dirname, join, resolve } from 'node:path';
import { ConnectorError } from '../../core/errors.ts';
import { beside, freeRoom } from './beside.ts';
import { bucketHome } from './bucket.ts';
import type { LakeHome } from './lake-at.ts';

export interface NamedLake {
  /** A folder, or `s3://bucket/prefix`. */
  readonly path: string;
  /** How messages name it. */
  readonly shown: string;
  /** Of a bucket: nobody else writes, so that a store without conditional writes will do. */
  readonly isSingleWriter: boolean;
}

/** @throws ConnectorError area `config` for a store of another kind */
export function lakeHome({ path, shown, isSingleWriter }: NamedLake): LakeHome {
  if (/^s3:\/\//i.test(path)) return bucketHome(path, shown, isSingleWriter);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path))
    throw new ConnectorError(`${shown} is no place that gong-elt can write to.`, {
      area: 'config',
      hint: 'name a .duckdb file, a folder, or s3://bucket/folder; other clouds are reached through their S3 interface (AWS_ENDPOINT_URL_S3)',
    });
  return folderHome(path, shown);
}

function folderHome(path: string, shown: string): LakeHome {
  const root = resolve(path);
  return {
    path: root,
    shown,
    ...beside(join(root, '_runs.jsonl'), join(root, '_runs.lock'), true),
    remark: () => freeRoom(dirname(root)),
    async openStore() {
      const { openFileFolder } = await import('../../store/file-folder.ts');
      return { store: openFileFolder(root), async close() {} };
    },
  };
}
