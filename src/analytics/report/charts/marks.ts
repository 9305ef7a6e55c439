// The marks of each kind of chart. Colour never stands alone: shape, dash or a label says the same. Colours are classes of the
// style sheet by way of CSS variables, so that dark mode and print choose theirs.
import { cutText } from '../text.ts';
import type { BarChart, IntervalChart, Plot, RateChart, RocChart, ScoreChart, WeekChart } from './chart.ts';

type Options = Record<string, unknown>;

const ink = 'var(--accent)';
const colours = ['var(--series-1)', 'var(--series-2)', 'var(--series-3)'];
const dashes = ['', '5 3', '1 3'];
const quiet = { stroke: 'currentColor', strokeOpacity: 0.25 };
const mostLabel = 34;
/** Labels are made unique, or two rows would be drawn as one. */
const uniqueLabels = <T extends { readonly label: string }>(rows: readonly T[]): (T & { shown: string })[] => {
  const seen = new Map<string, number>();
  return rows.map((row) => {
    const cut = cutText(row.label, mostLabel);
    const times = (seen.get(cut) ?? 0) + 1;
    seen.set(cut, times);
    return { ...row, shown: times === 1 ? cut : `${cut} (${times})` };
  });
};
const leftFor = (labels: readonly string[]) => 20 + 6.9 * Math.max(...labels.map((label) => [...label].length), 4);

export function intervalMarks(plot: Plot, { rows: given, axis }: IntervalChart): Options {
  const rows = uniqueLabels(given);
  const bounded = rows.filter(({ low, high }) => low !== null && high !== null);
  return {
    height: 46 + 24 * rows.length,
    marginLeft: leftFor(rows.map(({ shown }) => shown)),
    marginRight: 24,
    marginBottom: 38,
    x: { label: axis, labelAnchor: 'center', labelArrow: 'none', nice: true, ticks: 7 },
    y: { label: null, domain: rows.map(({ shown }) => shown), type: 'point', padding: 0.6 },
    marks: [
      plot.gridX({ strokeOpacity: 0.12 }),
      plot.ruleX([0], { stroke: 'currentColor', strokeOpacity: 0.6 }),
      plot.ruleY(bounded, { y: 'shown', x1: 'low', x2: 'high', stroke: ink, strokeWidth: 2 }),
      plot.dot(rows, {
        x: 'estimate',
        y: 'shown',
        r: 5,
        stroke: ink,
        strokeWidth: 2,
        fill: ({ isFirm }: { isFirm: boolean }) => (isFirm ? ink : 'var(--paper)'),
      }),
      plot.axisY({ tickSize: 0 }),
    ],
  };
}

export function barMarks(plot: Plot, { rows: given, axis }: BarChart): Options {
  const rows = uniqueLabels(given);
  const longest = Math.max(...rows.map(({ text }) => text.length));
  return {
    height: 8 + 30 * rows.length,
    marginLeft: leftFor(rows.map(({ shown }) => shown)),
    marginRight: 24 + 7 * longest,
    marginTop: 0,
    marginBottom: 8,
    x: { axis: null, label: axis },
    y: { label: null, domain: rows.map(({ shown }) => shown), padding: 0.28 },
    marks: [
      plot.barX(rows, { x: 'value', y: 'shown', fill: ink, fillOpacity: 0.85, insetLeft: 0 }),
      plot.text(rows, {
        x: 'value',
        y: 'shown',
        text: 'text',
        dx: 6,
        textAnchor: 'start',
        fill: 'currentColor',
      }),
      plot.ruleX([0], { stroke: 'currentColor', strokeOpacity: 0.6 }),
      plot.axisY({ tickSize: 0 }),
    ],
  };
}

export function rateMarks(plot: Plot, { facets, axis, across }: RateChart): Options {
  const rows = facets.flatMap(({ label, points }) => points.map((point) => ({ ...point, facet: cutText(label, 24) })));
  return {
    height: 220,
    marginLeft: 48,
    marginBottom: 40,
    fx: { label: null, padding: 0.12 },
    x: { label: across, labelAnchor: 'center', labelArrow: 'none', ticks: 4 },
    y: {
      label: axis,
      domain: [0, 1],
      tickFormat: (rate: number) => `${Math.round(100 * rate)} %`,
      ticks: 5,
      labelArrow: 'none',
    },
    marks: [
      plot.gridY({ strokeOpacity: 0.12 }),
      plot.areaY(
        rows.filter(({ low }) => low !== null),
        { fx: 'facet', x: 'x', y1: 'low', y2: 'high', z: 'facet', fill: ink, fillOpacity: 0.18 },
      ),
      plot.line(rows, { fx: 'facet', x: 'x', y: 'rate', z: 'facet', stroke: ink, strokeWidth: 2 }),
      plot.dot(rows, { fx: 'facet', x: 'x', y: 'rate', r: 3, fill: ink }),
    ],
  };
}

const dayMs = 86_400_000;

/** A panel a kind: lines that end at the same height could not be labelled. */
export function weekMarks(plot: Plot, { series, axis }: WeekChart): Options {
  const rows = series.flatMap(({ label, points }) =>
    points.map(({ week, value }) => {
      const from = Date.parse(`${week.slice(0, 10)}T00:00:00Z`);
      return { from: new Date(from), to: new Date(from + 6.4 * dayMs), value, label };
    }),
  );
  return {
    height: 40 + 84 * series.length,
    marginLeft: 40,
    marginRight: 24 + 7 * Math.max(...series.map(({ label }) => label.length)),
    marginBottom: 32,
    fy: { label: null, domain: series.map(({ label }) => label), padding: 0.2 },
    x: { type: 'utc', label: null, ticks: 6 },
    y: { label: axis, labelArrow: 'none', nice: true, zero: true, ticks: 3 },
    marks: [
      plot.gridY({ strokeOpacity: 0.12 }),
      plot.rectY(rows, { fy: 'label', x1: 'from', x2: 'to', y: 'value', fill: ink, fillOpacity: 0.85 }),
      plot.ruleY([0], { stroke: 'currentColor', strokeOpacity: 0.6 }),
    ],
  };
}

export function rocMarks(plot: Plot, { curves }: RocChart): Options {
  const points = curves.flatMap(({ label, points: of }, index) => [
    { fpr: 0, tpr: 0, label, index },
    ...of.map((point) => ({ ...point, label, index })),
    { fpr: 1, tpr: 1, label, index },
  ]);
  // Both curves end in the same corner: a short piece of each line stands beside its name, where no curve worth having passes.
  const labels = curves.map(({ label }, index) => ({
    label: cutText(label, 20),
    y: 0.2 - 0.1 * index,
    from: 0.48,
    to: 0.58,
  }));
  return {
    width: 420,
    height: 400,
    marginLeft: 52,
    marginBottom: 42,
    marginRight: 20,
    x: {
      label: 'of the deals lost, called a win',
      labelAnchor: 'center',
      labelArrow: 'none',
      domain: [0, 1],
      ticks: 5,
      tickFormat: percent,
    },
    y: { label: 'of the deals won, called a win', labelArrow: 'none', domain: [0, 1], ticks: 5, tickFormat: percent },
    marks: [
      plot.gridX({ strokeOpacity: 0.12 }),
      plot.gridY({ strokeOpacity: 0.12 }),
      plot.link([0], { x1: 0, y1: 0, x2: 1, y2: 1, ...quiet, strokeDasharray: '2 4' }),
      ...curves.map((_, index) =>
        plot.line(
          points.filter((point) => point.index === index),
          {
            x: 'fpr',
            y: 'tpr',
            z: 'label',
            curve: 'step-after',
            stroke: colours[index],
            strokeWidth: 2,
            strokeDasharray: dashes[index],
          },
        ),
      ),
      ...labels.map((own, index) =>
        plot.link([own], {
          x1: 'from',
          y1: 'y',
          x2: 'to',
          y2: 'y',
          stroke: colours[index],
          strokeWidth: 2,
          strokeDasharray: dashes[index],
        }),
      ),
      plot.text(labels, { x: 'to', y: 'y', text: 'label', dx: 6, textAnchor: 'start', fill: 'currentColor' }),
    ],
  };
}

const percent = (rate: number) => `${Math.round(100 * rate)} %`;

export function scoreMarks(plot: Plot, { rows: given }: ScoreChart): Options {
  const rows = uniqueLabels(given);
  const dots = rows.flatMap(({ shown, sources }) => sources.map((source) => ({ ...source, shown })));
  return {
    height: 46 + 26 * rows.length,
    marginLeft: leftFor(rows.map(({ shown }) => shown)),
    marginRight: 24,
    marginBottom: 38,
    x: { label: 'points', labelAnchor: 'center', labelArrow: 'none', domain: [0, 100] },
    y: { label: null, domain: rows.map(({ shown }) => shown), padding: 0.25 },
    r: { range: [3, 9] },
    marks: [
      plot.gridX({ strokeOpacity: 0.12 }),
      plot.ruleY(rows, { y: 'shown', x1: 0, x2: 100, ...quiet }),
      plot.dot(dots, {
        x: 'score',
        y: 'shown',
        r: 'signals',
        stroke: ink,
        strokeWidth: 1.5,
        fill: ink,
        fillOpacity: 0.25,
      }),
      plot.tickX(rows, { x: 'score', y: 'shown', stroke: 'currentColor', strokeWidth: 3 }),
      plot.axisY({ tickSize: 0 }),
    ],
  };
}
