// Answered scorecards of people beside the answers of a kit about the same call.

/**
 * The stream `answered_scorecards` (call_id, reviewer_user_id, answers[question_id, score, answer_text, not_applicable], nested or
 * as JSON) mapped by cfg_scorecards: an answer to the level of a brick, or, where no answer is named, its score to a number.
 * Columns: kit, version, brick, kind, month, reviewer, first, second, is_equal, is_comparable.
 */
export const humanPairsSql = `
WITH answered AS (
  SELECT s.call_id::VARCHAR AS call_id, s.reviewer_user_id::VARCHAR AS reviewer,
    unnest((to_json(s.answers))::JSON[]) AS answer
  FROM answered_scorecards s
),
answers AS (
  SELECT call_id, reviewer, answer ->> 'question_id' AS question, answer ->> 'score' AS score,
    coalesce(answer ->> 'answer_text', answer ->> 'score') AS text
  FROM answered WHERE coalesce(answer ->> 'not_applicable', 'false') <> 'true'
),
values_of_kit AS (
  SELECT b.call_id, b.kit_code, b.kit_version_id, b.brick_key, b.value_kind,
    CASE b.value_kind WHEN 'number' THEN b.value_num::VARCHAR WHEN 'boolean' THEN b.value_bool::VARCHAR ELSE b.value_text END AS value
  FROM bricks_current b WHERE b.is_eligible AND b.value_kind IN ('number', 'boolean', 'text')
)
SELECT DISTINCT k.kit_code, k.kit_version_id, k.brick_key, k.value_kind, NULL, a.reviewer,
  CASE WHEN c.answer IS NULL THEN a.score ELSE c.level END AS human, k.value,
  CASE WHEN c.answer IS NULL THEN TRY_CAST(a.score AS DOUBLE) = TRY_CAST(k.value AS DOUBLE) ELSE c.level = k.value END AS is_equal,
  true AS is_comparable, k.call_id
FROM answers a
JOIN cfg_scorecards c ON c.question = a.question AND (c.answer IS NULL OR c.answer = a.text)
JOIN values_of_kit k ON k.call_id = a.call_id AND k.kit_code = c.kit_code AND k.brick_key = c.brick_key
WHERE (c.answer IS NULL AND k.value_kind = 'number' AND TRY_CAST(a.score AS DOUBLE) IS NOT NULL) OR (c.level IS NOT NULL AND k.value_kind <> 'number')
ORDER BY k.kit_code, k.kit_version_id, k.brick_key, k.value_kind, a.reviewer, k.call_id, human, k.value`;
