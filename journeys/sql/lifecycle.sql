-- name: exit_everybody
WITH left_ AS (
    UPDATE journeys_enrollment SET state = 3, reason = %(reason)s, ended_at = %(now)s, due_at = NULL
    WHERE journey_id = %(journey)s AND state = 1
        AND version_id IN (SELECT id FROM journeys_version WHERE journey_id = %(journey)s)
    RETURNING version_id, node_id
)
SELECT version_id, node_id, count(*) FROM left_ GROUP BY version_id, node_id
