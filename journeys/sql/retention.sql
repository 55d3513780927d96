-- Walks by id, which rises with time, so that no index has to be kept for it.

-- name: content
-- Up to the first that is young enough to stay.
WITH part AS (
    SELECT id, at < %(before)s AS old, rendered IS NOT NULL AS there
    FROM journeys_delivery WHERE id > %(after)s ORDER BY id LIMIT %(limit)s
), old AS (
    SELECT id, there FROM part WHERE old AND id < COALESCE((SELECT min(id) FROM part WHERE NOT old), 9223372036854775807)
), gone AS (
    UPDATE journeys_delivery SET rendered = NULL WHERE id IN (SELECT id FROM old WHERE there) RETURNING 1
)
SELECT (SELECT max(id) FROM old), (SELECT count(*) FROM old), (SELECT count(*) FROM gone)

-- name: steps
WITH part AS (
    SELECT id, enrollment_id, left_at < %(before)s AS old
    FROM journeys_step WHERE id > %(after)s ORDER BY id LIMIT %(limit)s
), old AS (
    SELECT id, enrollment_id FROM part
    WHERE old AND id < COALESCE((SELECT min(id) FROM part WHERE NOT old), 9223372036854775807)
), gone AS (
    DELETE FROM journeys_step WHERE id IN (
        SELECT id FROM old
        WHERE enrollment_id NOT IN (
            SELECT e.id FROM journeys_enrollment e WHERE e.id IN (SELECT enrollment_id FROM old) AND e.state = 1
        )
    ) RETURNING enrollment_id, visit
), late AS (
    DELETE FROM journeys_latetruth WHERE (enrollment_id, visit) IN (SELECT enrollment_id, visit FROM gone)
)
SELECT (SELECT max(id) FROM old), (SELECT count(*) FROM old), (SELECT count(*) FROM gone)

-- name: needed
SELECT trigger_event_id FROM journeys_enrollment
WHERE profile_id = ANY(%(profiles)s::bigint[]) AND state = 1 AND trigger_event_id = ANY(%(events)s::bigint[])
UNION
SELECT trigger_event_id FROM journeys_message
WHERE profile_id = ANY(%(profiles)s::bigint[]) AND state IN ('pending', 'sending', 'unknown')
  AND trigger_event_id = ANY(%(events)s::bigint[])
