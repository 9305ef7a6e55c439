// What is said of DuckDB's errors: never a word of the data they quote.
import { expect, test } from 'vitest';
import { ConnectorError } from '../../src/core/errors.ts';
import { openInMemory } from '../../src/duckdb/connection.ts';
import { isFatal, isJsonReadError, toOpenError, toStatementError } from '../../src/duckdb/errors.ts';

test.each([
  `SELECT CAST('a secret sentence' AS INTEGER)`,
  `SELECT json_extract('{"a": "a secret sentence', '$.a')`,
  `SELECT error('a secret sentence')`,
  `SELECT 'a secret sentence'::DATE`,
  `SELECT * FROM "a secret sentence"`,
])('says nothing of the data in: %s', async (sql) => {
  const database = await openInMemory();
  const error = await database.exclusive((session) => session.rows(sql)).catch((cause: Error) => cause);
  await database.close();
  expect(String(error)).toContain('secret');
  const said = toStatementError(error, 'x.duckdb', 'while committing to x.duckdb');
  expect(said.message).toMatch(/^DuckDB failed while committing to x\.duckdb: [A-Z][A-Za-z ]+ Error$/);
  expect(said.cause).toBeUndefined();
  expect(`${said.message} ${said.hint} ${JSON.stringify(said.fields)} ${said.stack}`).not.toContain('secret');
});

test.each([
  ['IO Error: Could not write file "/data/x.duckdb.wal": No space left on device', 'no room left', 'free some space'],
  [
    'Out of Memory Error: could not allocate block of size 256.0 KiB (95.0 MiB/96.0 MiB used)',
    'memory limit',
    'memory_limit',
  ],
  [
    'TransactionContext Error: Failed to commit: failed to pin block of size 256.0 KiB (152.4 MiB/152.5 MiB used)',
    'memory limit',
    'memory_limit',
  ],
  ['IO Error: No files found that match the pattern "/data/x.tmp/sync/0/0-0.jsonl"', 'staging files', 'one load'],
])('explains %s', (text, said, hint) => {
  const error = toStatementError(new Error(text), 'x.duckdb', 'while committing');
  expect(error.message).toContain(said);
  expect(error.hint).toContain(hint);
});

test.each([
  [
    'IO Error: Could not set lock on file "/x": Conflicting lock is held in /usr/bin/node (PID 77) by user me.',
    'busy',
    'PID 77',
  ],
  [
    'IO Error: Trying to read a database file with version number 99, but we can only read versions between 64 and 67.',
    'destination',
    'another version',
  ],
  ['IO Error: Cannot open file "/x": Permission denied', 'destination', 'permission denied'],
  ['IO Error: Cannot open file "/x": Read-only file system', 'destination', 'read-only'],
  ['IO Error: Could not write file "/x": No space left on device', 'destination', 'no room'],
  ['INTERNAL Error: Failure while replaying WAL file "/x.wal": whatever', 'destination', 'damaged'],
])('explains why a file does not open: %s', (text, area, said) => {
  const error = toOpenError(new Error(text), 'x.duckdb');
  expect(error).toMatchObject({ area, message: expect.stringContaining(said), hint: expect.any(String) });
});

test('knows what makes an instance useless, and what a reader refuses', () => {
  expect(
    isFatal(new Error('FATAL Error: Failed: database has been invalidated because of a previous fatal error.')),
  ).toBe(true);
  expect(isFatal(new Error('IO Error: No space left on device'))).toBe(false);
  expect(isJsonReadError(new Error('Invalid Input Error: Malformed JSON in file "x", at byte 3 in line 2: …'))).toBe(
    true,
  );
  expect(isJsonReadError(new Error('Conversion Error: Could not convert'))).toBe(false);
});

test('leaves an error of ours as it is', () => {
  const ours = new ConnectorError('mine', { area: 'busy' });
  expect(toStatementError(ours, 'x', 'y')).toBe(ours);
});
