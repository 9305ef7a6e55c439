-- needs: stream_calls
-- The one "now" of the marts. No view reads a clock, so the same data gives the same numbers.
CREATE OR REPLACE VIEW as_of AS
SELECT coalesce(
  (SELECT value::TIMESTAMPTZ FROM cfg_settings WHERE key = 'as_of'),
  (SELECT max(extracted_at) FROM stream_calls)) AS as_of;

COMMENT ON VIEW as_of IS 'The instant the data is as of, one row. Made by gong-elt.';
COMMENT ON COLUMN as_of.as_of IS 'The setting as_of, else the last time a call was read from Gong.';
