import { expect, test } from 'vitest';
import { duckDbMegabytes } from '../../src/process/memory.ts';

const mebibyte = 1024 * 1024;
const noLimit = 2 ** 64;

test.each([
  ['a container of 512 MiB', 512 * mebibyte, 24_000 * mebibyte, 204],
  ['a container of 128 MiB', 128 * mebibyte, 24_000 * mebibyte, 96],
  ['a container of 16 GiB', 16_384 * mebibyte, 24_000 * mebibyte, 1024],
  ['a machine of 1 GiB', noLimit, 1024 * mebibyte, 409],
  ['a machine that cannot say', 0, 24_000 * mebibyte, 1024],
])('DuckDB takes a share of %s', (_, limit, total, megabytes) => {
  expect(duckDbMegabytes(limit, total)).toBe(megabytes);
});
