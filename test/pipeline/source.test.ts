import { expect, test } from 'vitest';
import { openSource } from '../../src/pipeline/source.ts';
import { thisMachine } from '../../src/process/machine.ts';
import { parseSourceConfig } from '../../src/source/config.ts';
import { environmentOf } from '../support/environment.ts';

const config = parseSourceConfig({
  gong_access_key: 'key',
  gong_access_key_secret: 'secret',
  start_date: '2026-01-01',
});

test('keys are not given to a source when Node would take any certificate', async () => {
  const unsafe = environmentOf({ machine: thisMachine({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }) });
  await expect(openSource(config, unsafe)).rejects.toMatchObject({ area: 'config' });
  const safe = environmentOf({ machine: thisMachine({ NODE_TLS_REJECT_UNAUTHORIZED: '1' }) });
  await (await openSource(config, safe)).close();
});
