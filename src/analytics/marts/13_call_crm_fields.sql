-- needs: stream_calls, calls.crm_objects
CREATE OR REPLACE VIEW call_crm_fields AS
WITH listed AS (
  SELECT call_id, unnest(TRY_CAST(crm_objects AS STRUCT(
    system VARCHAR, object_type VARCHAR, object_id VARCHAR, timing VARCHAR, fields JSON)[])) AS o
  FROM stream_calls
),
-- The same object may be named twice in a context: the last one counts.
objects AS (
  SELECT call_id, o.system AS system, o.object_type AS object_type, o.object_id AS object_id, o.timing AS timing,
    last(TRY_CAST(o.fields AS JSON)) AS fields
  FROM listed
  GROUP BY ALL
),
named AS (
  SELECT c.call_id, c.system, c.object_type, c.object_id, c.timing, f.key AS field, f.value AS v,
    row_number() OVER (PARTITION BY c.call_id, c.system, c.object_type, c.object_id, c.timing, f.key ORDER BY f.id DESC) AS place
  FROM (SELECT * FROM objects WHERE json_type(fields) = 'OBJECT') c, json_each(c.fields) f
)
SELECT
  call_id, system, object_type, object_id, timing, field, v ->> '$' AS value,
  CASE WHEN isfinite(TRY_CAST(v ->> '$' AS DOUBLE)) THEN TRY_CAST(v ->> '$' AS DOUBLE) END AS value_num,
  TRY_CAST(TRY_CAST(v ->> '$' AS TIMESTAMP) AS DATE) AS value_date,
  CASE lower(v ->> '$') WHEN 'true' THEN true WHEN 'false' THEN false END AS value_bool
FROM named WHERE place = 1;

COMMENT ON VIEW call_crm_fields IS 'Every field of the CRM context of a call, one row a call, object, timing and field. Made by gong-elt.';
COMMENT ON COLUMN call_crm_fields.call_id IS 'Key. The call.';
COMMENT ON COLUMN call_crm_fields.system IS 'Key, may be NULL. Salesforce, HubSpot, …';
COMMENT ON COLUMN call_crm_fields.object_type IS 'Key, may be NULL. Opportunity, Account, …';
COMMENT ON COLUMN call_crm_fields.object_id IS 'Key, may be NULL. Id of the object in the CRM.';
COMMENT ON COLUMN call_crm_fields.timing IS 'Key, may be NULL. Now, or TimeOfCall: what was known then.';
COMMENT ON COLUMN call_crm_fields.field IS 'Key. Name of the field in the CRM.';
COMMENT ON COLUMN call_crm_fields.value IS 'The value as text; a list or an object as JSON.';
COMMENT ON COLUMN call_crm_fields.value_num IS 'The value as a number, where it is one.';
COMMENT ON COLUMN call_crm_fields.value_date IS 'The value as a day, where it is one; of a time the day as it is written.';
COMMENT ON COLUMN call_crm_fields.value_bool IS 'true or false, where it is one of these words.';
