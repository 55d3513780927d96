-- name: reach_goal
-- The rows are locked by the runner already.
WITH first AS (
    SELECT id, min(at) AS at FROM unnest(%(id)s::bigint[], %(at)s::timestamptz[]) AS g (id, at) GROUP BY id
)
UPDATE journeys_enrollment AS e SET converted_at = first.at
FROM first WHERE e.id = first.id AND e.converted_at IS NULL
RETURNING e.id
