-- name: claim_calls
-- Whoever takes a call holds it by its lease and by the number of the attempt; a lease that ends is taken by another.
-- Whose person has moved on is not called for any more; a paused journey calls nobody. Of steps whose host has as many
-- calls as it may have, none is taken.
WITH due AS MATERIALIZED (
    SELECT r.id FROM journeys_request AS r
    JOIN journeys_journey AS j ON j.id = r.journey_id AND j.state <> 'paused'
    WHERE r.kind = 'webhook' AND r.state = 'pending' AND r.due_at <= %(now)s
        AND r.node_id <> ALL(%(crowded)s::bigint[])
    ORDER BY r.due_at
    LIMIT %(limit)s
    FOR UPDATE OF r SKIP LOCKED
), judged AS (
    SELECT due.id, e.id IS NOT NULL AS wanted
    FROM due
    JOIN journeys_request AS r ON r.id = due.id
    LEFT JOIN journeys_enrollment AS e ON e.id = r.enrollment_id AND e.visit = r.visit AND e.state = 1
)
UPDATE journeys_request AS r
SET state = CASE WHEN judged.wanted THEN 'pending' ELSE 'cancelled' END,
    due_at = %(lease)s, attempts = r.attempts + judged.wanted::int
FROM judged WHERE judged.id = r.id
RETURNING r.id, r.enrollment_id, r.journey_id, r.node_id, r.profile_id, r.trigger_event_id, r.attempts, r.created_at,
    judged.wanted

-- name: hold_enrollments
-- First the enrollments, then the requests: the same order as everywhere else.
SELECT id FROM journeys_enrollment WHERE id = ANY(%(enrollments)s::bigint[]) ORDER BY id FOR UPDATE

-- name: settle
-- Only what is still as the caller knows it; whoever waits for it is due at once. Gives what was settled.
WITH settled AS (
    UPDATE journeys_request AS r
    SET state = u.state, due_at = u.due_at, status = u.status, answer = u.answer::jsonb, error = u.error,
        result = u.result, answered_by_id = u.by_id,
        answered_at = CASE WHEN u.state = 'pending' THEN NULL ELSE %(now)s END
    FROM unnest(
        %(ids)s::bigint[], %(attempts)s::int[], %(states)s::text[], %(dues)s::timestamptz[], %(statuses)s::int[],
        %(answers)s::text[], %(errors)s::text[], %(results)s::text[], %(by)s::bigint[]
    ) AS u (id, attempts, state, due_at, status, answer, error, result, by_id)
    WHERE r.id = u.id AND r.state = 'pending' AND r.attempts = u.attempts
    RETURNING r.id, r.enrollment_id, r.visit, r.state
), woken AS (
    UPDATE journeys_enrollment AS e SET due_at = %(now)s
    FROM settled AS s
    WHERE e.id = s.enrollment_id AND e.visit = s.visit AND e.state = 1 AND s.state <> 'pending'
        AND (e.due_at IS NULL OR e.due_at > %(now)s)
)
SELECT id FROM settled

-- name: give_back
-- What was claimed and not tried: it is due again, and the attempt did not happen.
UPDATE journeys_request AS r SET due_at = %(now)s, attempts = r.attempts - 1
FROM unnest(%(ids)s::bigint[], %(attempts)s::int[]) AS u (id, attempts)
WHERE r.id = u.id AND r.state = 'pending' AND r.attempts = u.attempts

-- name: open_tasks
-- Tasks that somebody still waits for, the longest waiting first.
SELECT r.id FROM journeys_request AS r
JOIN journeys_enrollment AS e ON e.id = r.enrollment_id AND e.visit = r.visit AND e.state = 1
JOIN journeys_journey AS j ON j.id = r.journey_id AND j.state <> 'archived'
WHERE r.kind = 'task' AND r.state = 'pending' AND (r.due_at IS NULL OR r.due_at > %(now)s)
    AND (%(assignee)s::bigint IS NULL OR r.assignee_id IS NULL OR r.assignee_id = %(assignee)s)
ORDER BY r.due_at NULLS LAST, r.id
LIMIT %(limit)s

-- name: still_waited_for
-- The enrollment is held, so that its time cannot end while the answer is written.
SELECT 1 FROM journeys_enrollment
WHERE id = %(enrollment)s AND visit = %(visit)s AND state = 1
FOR UPDATE
