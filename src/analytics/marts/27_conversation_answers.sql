-- needs: brick_points, conversations, kit_versions
-- What the kits say, with who, when and which deal: the marts of single questions read their answers here and nowhere else.
-- A private conversation says nothing: its words are for those who were in it.
CREATE OR REPLACE VIEW conversation_answers AS
SELECT
  p.call_id, p.kit_code, p.kit_version_id, p.brick_key, p.run_id, k.kit_label, g.grounded_on, p.role, p.label, p.element, p.threshold,
  p.value_kind, p.value_bool, p.value_num, p.value_text, p.value_list,
  CASE p.value_kind
    WHEN 'number' THEN p.value_num::VARCHAR WHEN 'boolean' THEN p.value_bool::VARCHAR WHEN 'text' THEN p.value_text
    WHEN 'list' THEN array_to_string(p.value_list, '; ')
  END AS value,
  -- A level that is spelled like its meaning needs no settings.
  CASE
    WHEN p.meaning IS NOT NULL THEN p.meaning
    WHEN p.role = 'claim' AND p.value_kind = 'boolean' THEN CASE WHEN p.value_bool THEN 'correct' ELSE 'incorrect' END
    WHEN p.role = 'claim' AND lower(p.value_text) IN ('correct', 'imprecise', 'incorrect') THEN lower(p.value_text)
    WHEN p.role = 'commercial_risk_level' AND lower(p.value_text) IN ('high', 'medium', 'low') THEN lower(p.value_text)
  END AS meaning,
  p.points, p.weight, p.in_deal_score, p.is_score_brick, p.confidence, p.reason, p.evidence,
  c.source, c.rep, c.team, c.opportunity_id, c.account_name, c.started_at,
  date_trunc('week', make_timestamp(epoch_us(c.started_at)))::DATE AS week, c.title, c.url
FROM brick_points p
JOIN conversations c ON c.call_id = p.call_id
JOIN kit_versions k ON k.kit_code = p.kit_code
LEFT JOIN cfg_kits g ON g.kit_code = p.kit_code
WHERE p.is_analysed_version AND NOT c.is_private;

COMMENT ON VIEW conversation_answers IS 'Answers of the analysed version of each kit with their conversation, private ones left out, one row a call, kit and brick. Made by gong-elt.';
COMMENT ON COLUMN conversation_answers.call_id IS 'Key. The conversation.';
COMMENT ON COLUMN conversation_answers.kit_code IS 'Key. The kit.';
COMMENT ON COLUMN conversation_answers.kit_version_id IS 'The analysed version of the kit.';
COMMENT ON COLUMN conversation_answers.brick_key IS 'Key. Name of the brick.';
COMMENT ON COLUMN conversation_answers.run_id IS 'The run it comes from.';
COMMENT ON COLUMN conversation_answers.kit_label IS 'Name of the kit.';
COMMENT ON COLUMN conversation_answers.grounded_on IS 'The documents that the kit checks against (cfg_kits).';
COMMENT ON COLUMN conversation_answers.role IS 'What the brick is to the marts (cfg_bricks).';
COMMENT ON COLUMN conversation_answers.label IS 'Name of the brick for people (cfg_bricks).';
COMMENT ON COLUMN conversation_answers.element IS 'The element of the playbook that the brick checks (cfg_bricks).';
COMMENT ON COLUMN conversation_answers.threshold IS 'As in cfg_bricks.';
COMMENT ON COLUMN conversation_answers.value_kind IS 'number, boolean, text, list, object, null, or missing.';
COMMENT ON COLUMN conversation_answers.value_bool IS 'The value of kind boolean.';
COMMENT ON COLUMN conversation_answers.value_num IS 'The value of kind number; NULL beyond ±1e100.';
COMMENT ON COLUMN conversation_answers.value_text IS 'The value of kind text.';
COMMENT ON COLUMN conversation_answers.value_list IS 'The value of kind list, items as text.';
COMMENT ON COLUMN conversation_answers.value IS 'The value as text, whatever its kind; items of a list joined by ; .';
COMMENT ON COLUMN conversation_answers.meaning IS 'What the level means: correct, imprecise, incorrect of a claim (true and false are correct and incorrect); high, medium, low of a risk. By cfg_levels, else by its own spelling.';
COMMENT ON COLUMN conversation_answers.points IS 'As in brick_points.';
COMMENT ON COLUMN conversation_answers.weight IS 'Weight of the signal.';
COMMENT ON COLUMN conversation_answers.in_deal_score IS 'Is it a signal of the unified deal score?';
COMMENT ON COLUMN conversation_answers.is_score_brick IS 'Is it the score of its kit?';
COMMENT ON COLUMN conversation_answers.confidence IS 'Semarize''s confidence, 0 to 1.';
COMMENT ON COLUMN conversation_answers.reason IS 'Semarize''s reason.';
COMMENT ON COLUMN conversation_answers.evidence IS 'Quotes.';
COMMENT ON COLUMN conversation_answers.source IS 'Where the conversation was recorded.';
COMMENT ON COLUMN conversation_answers.rep IS 'Owner of the conversation.';
COMMENT ON COLUMN conversation_answers.team IS 'Team of the owner.';
COMMENT ON COLUMN conversation_answers.opportunity_id IS 'The deal; NULL without one.';
COMMENT ON COLUMN conversation_answers.account_name IS 'The account.';
COMMENT ON COLUMN conversation_answers.started_at IS 'When the conversation started.';
COMMENT ON COLUMN conversation_answers.week IS 'Monday of its week, UTC.';
COMMENT ON COLUMN conversation_answers.title IS 'Its title.';
COMMENT ON COLUMN conversation_answers.url IS 'Its page at the recorder.';
