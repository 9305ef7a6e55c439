// The Dockerfile, read well enough to check it and to follow it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The targets that people build. */
export const imageNames = ['source', 'destination', 'cli'] as const;
export type ImageName = (typeof imageNames)[number];

export const root = join(import.meta.dirname, '../..');

export interface Instruction {
  readonly name: string;
  readonly value: string;
}

export interface ImageStage {
  readonly name: string;
  /** An image of a registry, or an earlier stage. */
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

export function readDockerfile(): ImageStage[] {
  const text = readFileSync(join(root, 'Dockerfile'), 'utf8').replaceAll('\\\n', ' ');
  const stages: { name: string; base: string; instructions: Instruction[] }[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, name = '', value = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (name === 'FROM') {
      const [base = '', , stage = ''] = value.split(/\s+/);
      stages.push({ name: stage, base, instructions: [] });
    } else stages.at(-1)?.instructions.push({ name, value });
  }
  return stages;
}

/** All instructions that make the image of `name`, those of its bases first. */
export function instructionsOf(stages: readonly ImageStage[], name: string): Instruction[] {
  const stage = stages.find((candidate) => candidate.name === name);
  return stage === undefined ? [] : [...instructionsOf(stages, stage.base), ...stage.instructions];
}

/** What holds of an instruction that may stand several times; empty without one. */
export function lastOf(instructions: readonly Instruction[], name: string): string {
  return instructions.findLast((instruction) => instruction.name === name)?.value ?? '';
}

/** Environment of an image. */
export function environmentOf(instructions: readonly Instruction[]): Record<string, string> {
  return Object.fromEntries(
    instructions
      .filter(({ name }) => name === 'ENV')
      .map(({ value }) => /^(\w+)=(.*)$/.exec(value)?.slice(1) ?? [])
      .map(([name = '', value = '']) => [name, value.replace(/^"(.*)"$/, '$1')]),
  );
}
