// Charts drawn as SVG by Observable Plot over linkedom's document, and handed on as escaped markup. Both packages are optional:
// without them the report has its tables.
import type { Content, Markup } from '../markup.ts';
import { h } from '../markup.ts';
import type { Chart, Plot } from './chart.ts';
import { barMarks, intervalMarks, rateMarks, rocMarks, scoreMarks, weekMarks } from './marks.ts';
import { toMarkup } from './svg.ts';

/** Draws one chart. */
export type Draw = (chart: Chart) => Content;

/** @returns undefined when the packages are not installed */
export async function loadDraw(): Promise<Draw | undefined> {
  const found = await Promise.all([import('@observablehq/plot'), import('linkedom')]).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
      throw error;
    },
  );
  if (found === undefined) return undefined;
  const [plot, { parseHTML }] = found;
  const { document } = parseHTML('<!doctype html><html></html>');
  return (chart) => figure(chart, toMarkup(plot.plot({ document, ...optionsOf(plot, chart) }), chart));
}

function figure({ title, summary }: Chart, svg: Markup): Content {
  return h(
    'figure',
    { class: 'chart' },
    h('figcaption', {}, title),
    h('div', { class: 'canvas', role: 'group', tabindex: '0', 'aria-label': title }, svg),
    h('p', { class: 'summary' }, summary),
  );
}

const width = 820;

function optionsOf(plot: Plot, chart: Chart): Record<string, unknown> {
  const marks = marksOf(plot, chart);
  return { width, style: { background: 'transparent' }, ...marks };
}

function marksOf(plot: Plot, chart: Chart): Record<string, unknown> {
  switch (chart.kind) {
    case 'intervals':
      return intervalMarks(plot, chart);
    case 'bars':
      return barMarks(plot, chart);
    case 'rates':
      return rateMarks(plot, chart);
    case 'weeks':
      return weekMarks(plot, chart);
    case 'roc':
      return rocMarks(plot, chart);
    case 'scores':
      return scoreMarks(plot, chart);
  }
}
