// Can the scorer be trusted: the same text again, people against kits, a silent change behind a version (mart_scorer_trust).
import type { Page } from '../model.ts';
import type { PageContext, PageHead } from '../page-context.ts';
import { martMissing } from '../page-context.ts';

const head: PageHead = {
  name: 'trust',
  title: 'Can the scorer be trusted?',
  question: 'Would a kit say the same again, and would people say the same?',
};

export async function trustPage(context: PageContext): Promise<Page> {
  return martMissing(head, 'mart_scorer_trust', context);
}
