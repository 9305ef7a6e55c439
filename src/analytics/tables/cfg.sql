-- Settings as tables, rewritten by every `createMarts` from analytics.yaml. In every column kit_code, '*' matches any kit
-- and an exact code wins.

CREATE OR REPLACE TABLE cfg_kits (
  kit_code VARCHAR NOT NULL PRIMARY KEY, position INTEGER NOT NULL, label VARCHAR, purpose VARCHAR, kit_version_id VARCHAR,
  score_brick VARCHAR, win_threshold DOUBLE, grounded_on VARCHAR);
COMMENT ON TABLE cfg_kits IS 'Settings of a kit, one row a kit. Made by gong-elt from analytics.yaml.';
COMMENT ON COLUMN cfg_kits.kit_code IS 'Key. Code of the kit.';
COMMENT ON COLUMN cfg_kits.position IS 'Place in analytics.yaml, from 1; decides which kit of a comparison is a.';
COMMENT ON COLUMN cfg_kits.label IS 'Name for people; without one the code is shown.';
COMMENT ON COLUMN cfg_kits.purpose IS 'What the kit is for. Kits of another purpose than framework are not compared as frameworks; unset takes part.';
COMMENT ON COLUMN cfg_kits.kit_version_id IS 'The one version that is analysed; unset = the one with most runs.';
COMMENT ON COLUMN cfg_kits.score_brick IS 'Brick that holds the score; unset = the brick of role score.';
COMMENT ON COLUMN cfg_kits.win_threshold IS 'A deal whose score reaches this is predicted to be won.';
COMMENT ON COLUMN cfg_kits.grounded_on IS 'The documents that the kit checks against; runs do not return it.';

CREATE OR REPLACE TABLE cfg_bricks (
  kit_code VARCHAR NOT NULL, brick_key VARCHAR NOT NULL, role VARCHAR, label VARCHAR, element VARCHAR,
  direction INTEGER NOT NULL, weight DOUBLE NOT NULL, in_deal_score BOOLEAN NOT NULL, value_min DOUBLE, value_max DOUBLE,
  threshold DOUBLE, PRIMARY KEY (kit_code, brick_key));
COMMENT ON TABLE cfg_bricks IS 'What a brick means, one row a kit and brick. Made by gong-elt from its own defaults and analytics.yaml.';
COMMENT ON COLUMN cfg_bricks.kit_code IS 'Key. Code of the kit, or * for any.';
COMMENT ON COLUMN cfg_bricks.brick_key IS 'Key. Name of the brick in the run.';
COMMENT ON COLUMN cfg_bricks.role IS 'What the brick is to the marts: score, signal, risk_flag, pain_point, …';
COMMENT ON COLUMN cfg_bricks.label IS 'Name for people.';
COMMENT ON COLUMN cfg_bricks.element IS 'The element of the playbook that the brick checks; joins cfg_enablement.element.';
COMMENT ON COLUMN cfg_bricks.direction IS '1: more is better; -1: less is better.';
COMMENT ON COLUMN cfg_bricks.weight IS 'Weight of the signal in a score made of several.';
COMMENT ON COLUMN cfg_bricks.in_deal_score IS 'Is it one of the signals whose mean is the score of a kit without a score brick?';
COMMENT ON COLUMN cfg_bricks.value_min IS 'Value that is 0 points; unset with value_max: the value is the points.';
COMMENT ON COLUMN cfg_bricks.value_max IS 'Value that is 100 points.';
COMMENT ON COLUMN cfg_bricks.threshold IS 'A number that reaches it is good enough; compared as stored.';

CREATE OR REPLACE TABLE cfg_levels (
  kit_code VARCHAR NOT NULL, brick_key VARCHAR NOT NULL, level VARCHAR NOT NULL, points DOUBLE, meaning VARCHAR,
  PRIMARY KEY (kit_code, brick_key, level));
COMMENT ON TABLE cfg_levels IS 'Points and meaning of the levels of category bricks, one row a kit, brick and level. Made by gong-elt from its own defaults and analytics.yaml.';
COMMENT ON COLUMN cfg_levels.kit_code IS 'Key. Code of the kit, or * for any.';
COMMENT ON COLUMN cfg_levels.brick_key IS 'Key. Name of the brick.';
COMMENT ON COLUMN cfg_levels.level IS 'Key. The value, as the run spells it.';
COMMENT ON COLUMN cfg_levels.points IS 'Points of the level, 0 to 100; NULL where it has none.';
COMMENT ON COLUMN cfg_levels.meaning IS 'What the level means to the marts, whatever runs call it: correct, imprecise, incorrect; high, medium, low.';

CREATE OR REPLACE TABLE cfg_stages (
  stage VARCHAR NOT NULL PRIMARY KEY, sort INTEGER, is_closed BOOLEAN NOT NULL, is_won BOOLEAN NOT NULL);
COMMENT ON TABLE cfg_stages IS 'Which CRM stages mean closed and won. Made by gong-elt from its own defaults and analytics.yaml.';
COMMENT ON COLUMN cfg_stages.stage IS 'Key. Name of the stage, as the CRM spells it.';
COMMENT ON COLUMN cfg_stages.sort IS 'Place of the stage in the pipeline; NULL where nobody said.';
COMMENT ON COLUMN cfg_stages.is_closed IS 'Does the stage end a deal?';
COMMENT ON COLUMN cfg_stages.is_won IS 'Does it end it with a win?';

CREATE OR REPLACE TABLE cfg_sources (system VARCHAR NOT NULL PRIMARY KEY, label VARCHAR NOT NULL);
COMMENT ON TABLE cfg_sources IS 'Names for the recording systems of calls. Made by gong-elt from analytics.yaml.';
COMMENT ON COLUMN cfg_sources.system IS 'Key. calls.system.';
COMMENT ON COLUMN cfg_sources.label IS 'Source shown in the marts; systems without a row are called Gong.';

CREATE OR REPLACE TABLE cfg_people (email VARCHAR NOT NULL PRIMARY KEY, name VARCHAR, team VARCHAR, manager VARCHAR);
COMMENT ON TABLE cfg_people IS 'Names and teams of call owners. Made by gong-elt from analytics.yaml.';
COMMENT ON COLUMN cfg_people.email IS 'Key. E-mail address in lower case.';
COMMENT ON COLUMN cfg_people.name IS 'Name shown in the marts; unset = the name Gong gives.';
COMMENT ON COLUMN cfg_people.team IS 'Team shown in the marts.';
COMMENT ON COLUMN cfg_people.manager IS 'Name of the manager.';

CREATE OR REPLACE TABLE cfg_enablement (
  event_id VARCHAR NOT NULL, element VARCHAR NOT NULL, team VARCHAR, trained_on DATE NOT NULL);
COMMENT ON TABLE cfg_enablement IS 'Trainings, one row an event, element and team. Made by gong-elt from analytics.yaml.';
COMMENT ON COLUMN cfg_enablement.event_id IS 'Key. Name of the training.';
COMMENT ON COLUMN cfg_enablement.element IS 'Key. The element of the playbook that was trained; joins cfg_bricks.element.';
COMMENT ON COLUMN cfg_enablement.team IS 'Key. The team that was trained; NULL = everybody.';
COMMENT ON COLUMN cfg_enablement.trained_on IS 'Day of the training, in UTC.';

CREATE OR REPLACE TABLE cfg_readiness (
  item_key VARCHAR NOT NULL PRIMARY KEY, label VARCHAR NOT NULL, kit_code VARCHAR NOT NULL, brick_key VARCHAR NOT NULL,
  threshold DOUBLE NOT NULL, weight DOUBLE NOT NULL, sort INTEGER NOT NULL, next_action VARCHAR);
COMMENT ON TABLE cfg_readiness IS 'What a ready deal has confirmed, one row an item. Made by gong-elt from analytics.yaml.';
COMMENT ON COLUMN cfg_readiness.item_key IS 'Key. Name of the item.';
COMMENT ON COLUMN cfg_readiness.label IS 'Name for people; without one the key.';
COMMENT ON COLUMN cfg_readiness.kit_code IS 'Code of the kit, or * for any.';
COMMENT ON COLUMN cfg_readiness.brick_key IS 'The brick that confirms the item.';
COMMENT ON COLUMN cfg_readiness.threshold IS 'Points (brick_points.points) that confirm the item.';
COMMENT ON COLUMN cfg_readiness.weight IS 'Weight of the item.';
COMMENT ON COLUMN cfg_readiness.sort IS 'Place of the item in the list.';
COMMENT ON COLUMN cfg_readiness.next_action IS 'What to do while the item is open.';

CREATE OR REPLACE TABLE cfg_scorecards (
  question VARCHAR NOT NULL, kit_code VARCHAR NOT NULL, brick_key VARCHAR NOT NULL, answer VARCHAR, level VARCHAR);
COMMENT ON TABLE cfg_scorecards IS 'Which brick answers which question of a human scorecard, one row a question, brick and answer. Made by gong-elt from analytics.yaml.';
COMMENT ON COLUMN cfg_scorecards.question IS 'Key. Id of the question of the scorecard.';
COMMENT ON COLUMN cfg_scorecards.kit_code IS 'Key. Code of the kit.';
COMMENT ON COLUMN cfg_scorecards.brick_key IS 'Key. The brick that answers the question.';
COMMENT ON COLUMN cfg_scorecards.answer IS 'Key. The answer of the reviewer, as text; NULL = both are numbers on one scale.';
COMMENT ON COLUMN cfg_scorecards.level IS 'The value of the brick that means the same.';

CREATE OR REPLACE TABLE cfg_settings (key VARCHAR NOT NULL PRIMARY KEY, value VARCHAR NOT NULL);
COMMENT ON TABLE cfg_settings IS 'Single settings: as_of, new_business_only, not_new_business, include_collected, assumed_leakage_rate, and analytics_yaml, the whole of it; one row a setting. Made by gong-elt from analytics.yaml.';
COMMENT ON COLUMN cfg_settings.key IS 'Key. Name of the setting.';
COMMENT ON COLUMN cfg_settings.value IS 'Value as text: true or false, a number, an instant in ISO 8601, or a JSON list of words.';
