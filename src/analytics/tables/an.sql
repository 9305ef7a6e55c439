-- Results of statistics that SQL cannot do well. They are created empty, so that every mart binds, and never emptied here.

CREATE TABLE IF NOT EXISTS an_win_correlation (
  kit_code VARCHAR NOT NULL, kit_version_id VARCHAR, brick_key VARCHAR NOT NULL, value_kind VARCHAR NOT NULL, level VARCHAR,
  boot_low DOUBLE, boot_high DOUBLE, p_value DOUBLE, q_value DOUBLE, tests_in_family BIGINT, auc_low DOUBLE, auc_high DOUBLE,
  r_ceiling DOUBLE, analysis_id VARCHAR, options JSON, seed BIGINT, draws BIGINT, n_degenerate BIGINT, inputs_hash VARCHAR,
  tool_version VARCHAR, analyzed_as_of TIMESTAMPTZ);
COMMENT ON TABLE an_win_correlation IS 'Bootstrap limits and p-values beside mart_win_correlation, one row a feature. Made by gong-elt.';

CREATE TABLE IF NOT EXISTS an_framework_ab (
  kit_code_a VARCHAR NOT NULL, kit_version_id_a VARCHAR, kit_code_b VARCHAR NOT NULL, kit_version_id_b VARCHAR,
  difference_low DOUBLE, difference_high DOUBLE, williams_t DOUBLE, p_value DOUBLE, auc_difference_low DOUBLE,
  auc_difference_high DOUBLE, mcnemar_p DOUBLE, analysis_id VARCHAR, options JSON, seed BIGINT, draws BIGINT,
  n_degenerate BIGINT, inputs_hash VARCHAR, tool_version VARCHAR, analyzed_as_of TIMESTAMPTZ);
COMMENT ON TABLE an_framework_ab IS 'Bootstrap limits and tests beside mart_framework_ab, one row a pair of kits. Made by gong-elt.';
