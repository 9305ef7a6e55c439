// What the operator's page says about containers fits the image, the program and this version.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseArguments } from '../../src/cli/arguments.ts';
import { exitCodes } from '../../src/process/exit-codes.ts';
import { secretSettings } from '../../src/source/config.ts';
import { instructionsOf, lastOf, readDockerfile } from '../image/dockerfile.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/operator.md'), 'utf8');
const section = page.split(/^## /m).find((text) => text.startsWith('In a container')) ?? '';
const blockOf = (language: string) =>
  new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(section)?.[1] ?? '';
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const instructions = instructionsOf(readDockerfile(), 'cli');
const volume = lastOf(instructions, 'VOLUME');

test('docker builds and runs this version, with the volume where the image has it', async () => {
  const [build = '', run = ''] =
    blockOf('sh')
      .replaceAll('\\\n', ' ')
      .match(/^docker .*$/gm) ?? [];
  const image = `gong-elt/cli:${version}`;
  expect(build).toContain(`--target cli -t ${image} `);
  expect(run).toContain(` ${image} `);
  const [flags = '', command = ''] = run.split(image);
  for (const flag of ['--read-only', '--tmpfs /tmp', '--cap-drop ALL', `:${volume}"`]) expect(flags).toContain(flag);
  expect(await parseArguments(command.trim().split(/\s+/))).toMatchObject({ command: { name: 'sync' } });
});

test('the CronJob is allowed no more than it needs, and asks for what the program understands', async () => {
  const pod = parse(blockOf('yaml')).spec.jobTemplate.spec.template.spec;
  const [container] = pod.containers;
  const [user, group] = lastOf(instructions, 'USER').split(':').map(Number);
  expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: user, runAsGroup: group, fsGroup: group });
  expect(container).toMatchObject({
    image: `gong-elt/cli:${version}`,
    securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  });
  const places = Object.fromEntries(
    container.volumeMounts.map(({ name, mountPath }: { name: string; mountPath: string }) => [name, mountPath]),
  );
  expect(places).toMatchObject({ data: volume, tmp: '/tmp' });
  expect(pod.volumes.map(({ name }: { name: string }) => name).sort()).toEqual(Object.keys(places).sort());
  const parsed = await parseArguments(container.args);
  expect(parsed).toMatchObject({
    command: { name: 'sync' },
    flags: { config: `${places['settings']}/gong-elt.yaml`, to: expect.not.stringMatching(/^\//) },
  });
});

test('the page names every key, and the codes that go away by themselves', () => {
  for (const name of secretSettings) expect(section).toContain(`\`${name.toUpperCase()}\``);
  const { quota, budget, service, busy } = exitCodes;
  expect(section).toContain(`Exit codes ${quota}, ${budget}, ${service} and ${busy} mean "run again later"`);
});
