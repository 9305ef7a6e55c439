-- Results of statistics that SQL cannot do well (`gong-elt analyze`). They are created empty, so that every mart binds, and never
-- emptied here. A file of an older version gets the columns that it lacks.

CREATE TABLE IF NOT EXISTS an_win_correlation (
  kit_code VARCHAR NOT NULL, kit_version_id VARCHAR, brick_key VARCHAR NOT NULL, value_kind VARCHAR NOT NULL, level VARCHAR,
  boot_low DOUBLE, boot_high DOUBLE, p_value DOUBLE, q_value DOUBLE, tests_in_family BIGINT, auc_low DOUBLE, auc_high DOUBLE,
  r_ceiling DOUBLE, analysis_id VARCHAR, options JSON, seed BIGINT, draws BIGINT, n_degenerate BIGINT, inputs_hash VARCHAR,
  tool_version VARCHAR, analyzed_as_of TIMESTAMPTZ);
ALTER TABLE an_win_correlation ADD COLUMN IF NOT EXISTS n_deals BIGINT;
ALTER TABLE an_win_correlation ADD COLUMN IF NOT EXISTS n_won BIGINT;
ALTER TABLE an_win_correlation ADD COLUMN IF NOT EXISTS estimate DOUBLE;
ALTER TABLE an_win_correlation ADD COLUMN IF NOT EXISTS cramers_v DOUBLE;
COMMENT ON TABLE an_win_correlation IS 'Bootstrap limits and p-values beside mart_win_correlation, one row a feature. Made by gong-elt.';
COMMENT ON COLUMN an_win_correlation.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN an_win_correlation.kit_version_id IS 'Key, may be NULL. The version that was analysed.';
COMMENT ON COLUMN an_win_correlation.brick_key IS 'Key. Name of the brick.';
COMMENT ON COLUMN an_win_correlation.value_kind IS 'Key. number, boolean, text (category) or list.';
COMMENT ON COLUMN an_win_correlation.level IS 'Key. The category or list item; NULL for numbers, booleans and a category as a whole.';
COMMENT ON COLUMN an_win_correlation.boot_low IS '95 % percentile limit of estimate, deals drawn with replacement.';
COMMENT ON COLUMN an_win_correlation.boot_high IS '95 % percentile limit of estimate, deals drawn with replacement.';
COMMENT ON COLUMN an_win_correlation.p_value IS 'Exact t test of estimate; a category as a whole: chi-square or permutation.';
COMMENT ON COLUMN an_win_correlation.q_value IS 'Benjamini-Hochberg over the family of tests.';
COMMENT ON COLUMN an_win_correlation.tests_in_family IS 'Tests of the same analysis.';
COMMENT ON COLUMN an_win_correlation.auc_low IS 'Numbers: 95 % percentile limit of the AUC.';
COMMENT ON COLUMN an_win_correlation.auc_high IS 'Numbers: 95 % percentile limit of the AUC.';
COMMENT ON COLUMN an_win_correlation.r_ceiling IS 'Numbers: largest r that a normal score could have at this win rate.';
COMMENT ON COLUMN an_win_correlation.n_deals IS 'Closed deals that were analysed.';
COMMENT ON COLUMN an_win_correlation.n_won IS 'Of these, won.';
COMMENT ON COLUMN an_win_correlation.estimate IS 'The estimate that was analysed.';
COMMENT ON COLUMN an_win_correlation.cramers_v IS 'A category as a whole: Cramér''s V, corrected for bias.';
COMMENT ON COLUMN an_win_correlation.analysis_id IS 'Same for all rows of one analysis: sha256 over inputs, options and version.';
COMMENT ON COLUMN an_win_correlation.options IS 'Options of the analysis.';
COMMENT ON COLUMN an_win_correlation.seed IS 'Seed of the generator (xoshiro128**).';
COMMENT ON COLUMN an_win_correlation.draws IS 'Draws of the bootstrap.';
COMMENT ON COLUMN an_win_correlation.n_degenerate IS 'Draws with one outcome only or no variation; each was drawn again.';
COMMENT ON COLUMN an_win_correlation.inputs_hash IS 'sha256 over the rows that were read.';
COMMENT ON COLUMN an_win_correlation.tool_version IS 'Version of gong-elt.';
COMMENT ON COLUMN an_win_correlation.analyzed_as_of IS 'as_of of the data that was read.';

CREATE TABLE IF NOT EXISTS an_framework_ab (
  kit_code_a VARCHAR NOT NULL, kit_version_id_a VARCHAR, kit_code_b VARCHAR NOT NULL, kit_version_id_b VARCHAR,
  difference_low DOUBLE, difference_high DOUBLE, williams_t DOUBLE, p_value DOUBLE, auc_difference_low DOUBLE,
  auc_difference_high DOUBLE, mcnemar_p DOUBLE, analysis_id VARCHAR, options JSON, seed BIGINT, draws BIGINT,
  n_degenerate BIGINT, inputs_hash VARCHAR, tool_version VARCHAR, analyzed_as_of TIMESTAMPTZ);
ALTER TABLE an_framework_ab ADD COLUMN IF NOT EXISTS n_deals BIGINT;
ALTER TABLE an_framework_ab ADD COLUMN IF NOT EXISTS n_won BIGINT;
ALTER TABLE an_framework_ab ADD COLUMN IF NOT EXISTS difference DOUBLE;
ALTER TABLE an_framework_ab ADD COLUMN IF NOT EXISTS relative_gain_low DOUBLE;
ALTER TABLE an_framework_ab ADD COLUMN IF NOT EXISTS relative_gain_high DOUBLE;
COMMENT ON TABLE an_framework_ab IS 'Bootstrap limits and tests beside mart_framework_ab, one row a pair of kits. Made by gong-elt.';
COMMENT ON COLUMN an_framework_ab.kit_code_a IS 'Key. Kit a of mart_framework_ab.';
COMMENT ON COLUMN an_framework_ab.kit_version_id_a IS 'Key, may be NULL. Its version.';
COMMENT ON COLUMN an_framework_ab.kit_code_b IS 'Key. Kit b.';
COMMENT ON COLUMN an_framework_ab.kit_version_id_b IS 'Key, may be NULL. Its version.';
COMMENT ON COLUMN an_framework_ab.difference_low IS '95 % percentile limit of the difference of the correlations, deals drawn with replacement; the mart has Zou''s interval.';
COMMENT ON COLUMN an_framework_ab.difference_high IS '95 % percentile limit of the difference of the correlations.';
COMMENT ON COLUMN an_framework_ab.williams_t IS 'Williams'' t of the difference.';
COMMENT ON COLUMN an_framework_ab.p_value IS 'p of williams_t, n − 3 degrees of freedom.';
COMMENT ON COLUMN an_framework_ab.auc_difference_low IS '95 % percentile limit of the difference of the AUCs.';
COMMENT ON COLUMN an_framework_ab.auc_difference_high IS '95 % percentile limit of the difference of the AUCs.';
COMMENT ON COLUMN an_framework_ab.mcnemar_p IS 'Exact McNemar test of the false positives on the same lost deals.';
COMMENT ON COLUMN an_framework_ab.n_deals IS 'Common closed deals that were analysed.';
COMMENT ON COLUMN an_framework_ab.n_won IS 'Of these, won.';
COMMENT ON COLUMN an_framework_ab.difference IS 'The difference that was analysed.';
COMMENT ON COLUMN an_framework_ab.relative_gain_low IS '95 % percentile limit of the relative gain; NULL when more than 2.5 % of the draws have no gain to speak of.';
COMMENT ON COLUMN an_framework_ab.relative_gain_high IS '95 % percentile limit of the relative gain; NULL likewise.';
COMMENT ON COLUMN an_framework_ab.analysis_id IS 'Same for all rows of one analysis: sha256 over inputs, options and version.';
COMMENT ON COLUMN an_framework_ab.options IS 'Options of the analysis.';
COMMENT ON COLUMN an_framework_ab.seed IS 'Seed of the generator (xoshiro128**).';
COMMENT ON COLUMN an_framework_ab.draws IS 'Draws of the bootstrap.';
COMMENT ON COLUMN an_framework_ab.n_degenerate IS 'Draws with one outcome only or no variation; each was drawn again.';
COMMENT ON COLUMN an_framework_ab.inputs_hash IS 'sha256 over the rows that were read.';
COMMENT ON COLUMN an_framework_ab.tool_version IS 'Version of gong-elt.';
COMMENT ON COLUMN an_framework_ab.analyzed_as_of IS 'as_of of the data that was read.';

CREATE TABLE IF NOT EXISTS an_scorer_trust (
  kit_code VARCHAR NOT NULL, kit_version_id VARCHAR, brick_key VARCHAR NOT NULL, value_kind VARCHAR NOT NULL,
  comparison VARCHAR NOT NULL, month DATE, reviewer VARCHAR, n_pairs BIGINT, n_equal BIGINT, statistic VARCHAR, reliability DOUBLE,
  reliability_low DOUBLE, reliability_high DOUBLE, drift BOOLEAN, analysis_id VARCHAR, options JSON, seed BIGINT, draws BIGINT,
  n_degenerate BIGINT, inputs_hash VARCHAR, tool_version VARCHAR, analyzed_as_of TIMESTAMPTZ);
COMMENT ON TABLE an_scorer_trust IS 'Agreement of a kit with itself and with people, one row a kit version, brick, comparison, month and reviewer. Made by gong-elt.';
COMMENT ON COLUMN an_scorer_trust.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN an_scorer_trust.kit_version_id IS 'Key, may be NULL. Its version.';
COMMENT ON COLUMN an_scorer_trust.brick_key IS 'Key. Name of the brick.';
COMMENT ON COLUMN an_scorer_trust.value_kind IS 'Key. number, boolean, text or list.';
COMMENT ON COLUMN an_scorer_trust.comparison IS 'Key. test_retest: two runs of the same text and version; human: an answered scorecard and the kit.';
COMMENT ON COLUMN an_scorer_trust.month IS 'Key. First day of the month of the later run; NULL: all months.';
COMMENT ON COLUMN an_scorer_trust.reviewer IS 'Key. Who answered the scorecard; NULL: all.';
COMMENT ON COLUMN an_scorer_trust.n_pairs IS 'Pairs of two values.';
COMMENT ON COLUMN an_scorer_trust.n_equal IS 'Of these, equal ones.';
COMMENT ON COLUMN an_scorer_trust.statistic IS 'icc: ICC(2,1) of numbers; kappa: Cohen''s, of booleans and levels, weighted by the square of the distance when cfg_levels gives every level points; r: Pearson''s, of numbers of people; NULL for lists, which have none.';
COMMENT ON COLUMN an_scorer_trust.reliability IS 'The statistic.';
COMMENT ON COLUMN an_scorer_trust.reliability_low IS 'Its 95 % limit.';
COMMENT ON COLUMN an_scorer_trust.reliability_high IS 'Its 95 % limit.';
COMMENT ON COLUMN an_scorer_trust.drift IS 'All months: does the interval of the newest month leave out the value of the months before? NULL with one month.';
COMMENT ON COLUMN an_scorer_trust.analysis_id IS 'Same for all rows of one analysis: sha256 over inputs, options and version.';
COMMENT ON COLUMN an_scorer_trust.options IS 'Options of the analysis.';
COMMENT ON COLUMN an_scorer_trust.seed IS 'Seed of the generator (xoshiro128**).';
COMMENT ON COLUMN an_scorer_trust.draws IS 'Draws of the bootstrap.';
COMMENT ON COLUMN an_scorer_trust.n_degenerate IS 'Draws with one outcome only or no variation; each was drawn again.';
COMMENT ON COLUMN an_scorer_trust.inputs_hash IS 'sha256 over the rows that were read.';
COMMENT ON COLUMN an_scorer_trust.tool_version IS 'Version of gong-elt.';
COMMENT ON COLUMN an_scorer_trust.analyzed_as_of IS 'as_of of the data that was read.';
