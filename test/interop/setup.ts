// Before the interop tests: their environments, and after them: what the foreign programs verified.
import { environmentNames, prepareEnvironment } from './environment.ts';
import { clearVerified, verifiedText } from './verified.ts';

export function setup(): void {
  clearVerified();
  for (const name of environmentNames) prepareEnvironment(name);
}

export function teardown(): void {
  process.stderr.write(`\nVerified by foreign programs:\n${verifiedText()}`);
}
