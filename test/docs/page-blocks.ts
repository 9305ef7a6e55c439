// The blocks of code of a page, by section and language.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/run-node.ts';

/** @returns at least one. @throws when the section has none of that language */
export function codeBlocks(page: string, section: string, language: string): [string, ...string[]] {
  const sections = readFileSync(join(root, 'docs', page), 'utf8').split(/^## /m);
  const text = sections.find((candidate) => candidate.startsWith(`${section}\n`)) ?? '';
  const pattern = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm');
  const [first, ...others] = [...text.matchAll(pattern)].map(([, block = '']) => block);
  if (first === undefined) throw new Error(`${page} has no ${language} in the section "${section}"`);
  return [first, ...others];
}
