// What the words of the report mean, and what no number in it can say.

export const definitions: readonly { readonly term: string; readonly text: string }[] = [
  {
    term: 'Deal',
    text: 'An opportunity of the CRM. The unit of every number about outcomes: several calls of one deal share its outcome.',
  },
  {
    term: 'Eligible call',
    text: 'A call before the close of a deal of new business whose outcome is known. Not private, and not in a closed stage when it took place.',
  },
  {
    term: 'Estimate',
    text: 'Correlation of a feature with winning, over deals: point-biserial r of a number (its mean over the calls), phi of a yes or no (share of calls that have it). From −1 to 1; 0 is no relation.',
  },
  {
    term: '95 % interval',
    text: 'Where the true value would lie in 19 of 20 such samples. For correlations by drawing deals anew (bootstrap) where analyze ran, else Fisher’s, which is conservative for an outcome of two values. For shares Wilson’s.',
  },
  {
    term: 'First call, within stage, within rep',
    text: 'The same estimate from first calls only, and with the mean of each stage or rep taken away. Where one of them changes sign or loses more than half, the row carries a caution.',
  },
  {
    term: 'q',
    text: 'The share of false findings to expect among features with a q this small (Benjamini–Hochberg), over all features tested at once. Below 0.10 reads “worth a look”, nothing stronger.',
  },
  {
    term: 'AUC',
    text: 'Of all pairs of a won and a lost deal, the share in which the won one has the higher score; ties count half. 0.5 is chance.',
  },
  {
    term: 'Ceiling of r',
    text: 'The largest r that a normally distributed score could have at this win rate. Estimates of groups with different win rates are not compared.',
  },
  {
    term: 'False-positive rate',
    text: 'Of the deals lost, the share that the score called a win. Beside it the false discovery rate: of the deals called a win, the share lost.',
  },
  {
    term: 'Verdict',
    text: 'too few: under 30 closed deals or 10 of either outcome. indicative: under 100, or under 20 of either. usable: from there on. Shares of fewer than 5 are printed as counts only.',
  },
  {
    term: 'Winner',
    text: 'The kit whose score goes with winning more closely, when the interval of the difference (Zou 2007) leaves out zero; else undecided.',
  },
  {
    term: 'Unified score',
    text: 'Weighted mean of the points (0 to 100) of all signals of a deal, the newest of each source, kit and brick.',
  },
];

export const limits: readonly string[] = [
  'Nothing here is a cause. A feature goes with winning; doing more of it may change nothing.',
  'It speaks of calls that were recorded, transcribed and evaluated. Deals without calls are not in it.',
  'A kit is a measuring instrument. How far its answers can be trusted stands on its own page, and is not part of the intervals.',
  'Outcomes are as good as the CRM. A deal that was closed late, or never, is missing or wrong here too.',
  'Intervals say how much chance alone could move a number. They know nothing of wrong links between calls and deals.',
];
