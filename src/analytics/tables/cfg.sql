-- Settings as tables, rewritten by every `createMarts` from analytics.yaml. In every column kit_code, '*' matches any kit
-- and an exact code wins.

CREATE OR REPLACE TABLE cfg_kits (
  kit_code VARCHAR NOT NULL PRIMARY KEY, position INTEGER NOT NULL, label VARCHAR, purpose VARCHAR, kit_version_id VARCHAR,
  score_brick VARCHAR, win_threshold DOUBLE);
COMMENT ON TABLE cfg_kits IS 'Settings of a kit, one row a kit. Made by gong-elt from analytics.yaml.';
COMMENT ON COLUMN cfg_kits.kit_code IS 'Key. Code of the kit.';
COMMENT ON COLUMN cfg_kits.position IS 'Place in analytics.yaml, from 1; decides which kit of a comparison is a.';
COMMENT ON COLUMN cfg_kits.label IS 'Name for people; without one the code is shown.';
COMMENT ON COLUMN cfg_kits.purpose IS 'What the kit is for. Kits of another purpose than framework are not compared as frameworks; unset takes part.';
COMMENT ON COLUMN cfg_kits.kit_version_id IS 'The one version that is analysed; unset = the one with most runs.';
COMMENT ON COLUMN cfg_kits.score_brick IS 'Brick that holds the score; unset = the brick of role score.';
COMMENT ON COLUMN cfg_kits.win_threshold IS 'A deal whose score reaches this is predicted to be won.';

CREATE OR REPLACE TABLE cfg_bricks (
  kit_code VARCHAR NOT NULL, brick_key VARCHAR NOT NULL, role VARCHAR, label VARCHAR, direction INTEGER NOT NULL,
  weight DOUBLE NOT NULL, in_deal_score BOOLEAN NOT NULL, value_min DOUBLE, value_max DOUBLE, PRIMARY KEY (kit_code, brick_key));
COMMENT ON TABLE cfg_bricks IS 'What a brick means, one row a kit and brick. Made by gong-elt from its own defaults and analytics.yaml.';
COMMENT ON COLUMN cfg_bricks.kit_code IS 'Key. Code of the kit, or * for any.';
COMMENT ON COLUMN cfg_bricks.brick_key IS 'Key. Name of the brick in the run.';
COMMENT ON COLUMN cfg_bricks.role IS 'What the brick is to the marts: score, signal, risk_flag, pain_point, …';
COMMENT ON COLUMN cfg_bricks.label IS 'Name for people.';
COMMENT ON COLUMN cfg_bricks.direction IS '1: more is better; -1: less is better.';
COMMENT ON COLUMN cfg_bricks.weight IS 'Weight of the signal in a score made of several.';
COMMENT ON COLUMN cfg_bricks.in_deal_score IS 'Is it one of the signals whose mean is the score of a kit without a score brick?';
COMMENT ON COLUMN cfg_bricks.value_min IS 'Value that is 0 points; unset with value_max: the value is the points.';
COMMENT ON COLUMN cfg_bricks.value_max IS 'Value that is 100 points.';

CREATE OR REPLACE TABLE cfg_levels (
  kit_code VARCHAR NOT NULL, brick_key VARCHAR NOT NULL, level VARCHAR NOT NULL, points DOUBLE NOT NULL,
  PRIMARY KEY (kit_code, brick_key, level));
COMMENT ON TABLE cfg_levels IS 'Points of the levels of category bricks. Made by gong-elt from analytics.yaml.';
COMMENT ON COLUMN cfg_levels.kit_code IS 'Key. Code of the kit, or * for any.';
COMMENT ON COLUMN cfg_levels.brick_key IS 'Key. Name of the brick.';
COMMENT ON COLUMN cfg_levels.level IS 'Key. The value, as the run spells it.';
COMMENT ON COLUMN cfg_levels.points IS 'Points of the level, 0 to 100.';

CREATE OR REPLACE TABLE cfg_stages (stage VARCHAR NOT NULL PRIMARY KEY, is_closed BOOLEAN NOT NULL, is_won BOOLEAN NOT NULL);
COMMENT ON TABLE cfg_stages IS 'Which CRM stages mean closed and won. Made by gong-elt from its own defaults and analytics.yaml.';
COMMENT ON COLUMN cfg_stages.stage IS 'Key. Name of the stage, as the CRM spells it.';
COMMENT ON COLUMN cfg_stages.is_closed IS 'Does the stage end a deal?';
COMMENT ON COLUMN cfg_stages.is_won IS 'Does it end it with a win?';

CREATE OR REPLACE TABLE cfg_sources (system VARCHAR NOT NULL PRIMARY KEY, label VARCHAR NOT NULL);
COMMENT ON TABLE cfg_sources IS 'Names for the recording systems of calls. Made by gong-elt from analytics.yaml.';
COMMENT ON COLUMN cfg_sources.system IS 'Key. calls.system.';
COMMENT ON COLUMN cfg_sources.label IS 'Source shown in the marts; systems without a row are called Gong.';

CREATE OR REPLACE TABLE cfg_people (email VARCHAR NOT NULL PRIMARY KEY, name VARCHAR, team VARCHAR);
COMMENT ON TABLE cfg_people IS 'Names and teams of call owners. Made by gong-elt from analytics.yaml.';
COMMENT ON COLUMN cfg_people.email IS 'Key. E-mail address in lower case.';
COMMENT ON COLUMN cfg_people.name IS 'Name shown in the marts; unset = the name Gong gives.';
COMMENT ON COLUMN cfg_people.team IS 'Team shown in the marts.';

CREATE OR REPLACE TABLE cfg_settings (key VARCHAR NOT NULL PRIMARY KEY, value VARCHAR NOT NULL);
COMMENT ON TABLE cfg_settings IS 'Single settings: as_of, new_business_only, include_collected. Made by gong-elt from analytics.yaml.';
COMMENT ON COLUMN cfg_settings.key IS 'Key. Name of the setting.';
COMMENT ON COLUMN cfg_settings.value IS 'Value as text: true or false, or an instant in ISO 8601.';
