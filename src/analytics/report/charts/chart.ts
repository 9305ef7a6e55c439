// Charts as data. Rows are rounded and sorted already; what draws them computes nothing.

interface Named {
  /** Unique in the report. */
  readonly id: string;
  readonly title: string;
  /** One sentence for those who do not see it. */
  readonly summary: string;
}

/** Estimates with intervals around a line at zero, the largest first. */
export interface IntervalChart extends Named {
  readonly kind: 'intervals';
  readonly axis: string;
  readonly rows: readonly {
    readonly label: string;
    readonly estimate: number;
    readonly low: number | null;
    readonly high: number | null;
    readonly isFirm: boolean;
  }[];
}

/** Counts as bars, in the order given. */
export interface BarChart extends Named {
  readonly kind: 'bars';
  readonly axis: string;
  readonly rows: readonly { readonly label: string; readonly value: number; readonly text: string }[];
}

/** Rates over days with their intervals, one panel a facet. */
export interface RateChart extends Named {
  readonly kind: 'rates';
  readonly axis: string;
  readonly across: string;
  readonly facets: readonly {
    readonly label: string;
    readonly points: readonly {
      readonly x: number | string;
      readonly rate: number;
      readonly low: number | null;
      readonly high: number | null;
    }[];
  }[];
}

/** Counts of a few kinds by week. */
export interface WeekChart extends Named {
  readonly kind: 'weeks';
  readonly axis: string;
  readonly series: readonly {
    readonly label: string;
    readonly points: readonly { readonly week: string; readonly value: number }[];
  }[];
}

/** Receiver operating characteristics: true against false positive rate. */
export interface RocChart extends Named {
  readonly kind: 'roc';
  readonly curves: readonly {
    readonly label: string;
    readonly points: readonly { readonly fpr: number; readonly tpr: number }[];
  }[];
}

/** Scores of 0 to 100: a dot a source, a tick for all of them together. */
export interface ScoreChart extends Named {
  readonly kind: 'scores';
  readonly rows: readonly {
    readonly label: string;
    readonly score: number;
    readonly sources: readonly { readonly source: string; readonly score: number; readonly signals: number }[];
  }[];
}

export type Chart = IntervalChart | BarChart | RateChart | WeekChart | RocChart | ScoreChart;

/** What draws them. */
export type Plot = typeof import('@observablehq/plot');
