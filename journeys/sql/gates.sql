-- name: lock
-- One batch of a journey at a time reckons turns, so that two workers never let the same place be taken twice.
SELECT pg_advisory_xact_lock(20260303, hashint8(%(journey)s))

-- name: known
-- The turns that these visits have already.
SELECT q.n, t.at, t.passed_at
FROM unnest(%(enrollment)s::bigint[], %(visit)s::int[]) WITH ORDINALITY AS q (enrollment_id, visit, n)
JOIN journeys_gateturn AS t ON t.enrollment_id = q.enrollment_id AND t.visit = q.visit

-- name: passed
-- When the last so many passed who still count, the latest first.
SELECT passed_at FROM journeys_gateturn
WHERE journey_id = %(journey)s AND node_key = %(key)s AND passed_at > %(since)s
ORDER BY passed_at DESC
LIMIT %(people)s

-- name: planned
-- The last so many turns that were given out, the latest first; of those who come after them each follows one. Who has
-- left the journey instead of passing leaves no gap for them.
SELECT t.at FROM journeys_gateturn AS t
LEFT JOIN journeys_enrollment AS e ON e.id = t.enrollment_id AND e.visit = t.visit AND e.state = 1
WHERE t.journey_id = %(journey)s AND t.node_key = %(key)s AND (t.passed_at IS NOT NULL OR e.id IS NOT NULL)
ORDER BY t.at DESC
OFFSET %(skip)s LIMIT %(take)s

-- name: write
INSERT INTO journeys_gateturn (journey_id, node_key, enrollment_id, visit, at, passed_at)
SELECT %(journey)s, %(key)s, enrollment_id, visit, at, passed_at
FROM unnest(%(enrollment)s::bigint[], %(visit)s::int[], %(at)s::timestamptz[], %(passed)s::timestamptz[])
    AS u (enrollment_id, visit, at, passed_at)
ON CONFLICT (enrollment_id, visit) DO UPDATE SET passed_at = EXCLUDED.passed_at

-- name: forget
-- Turns of long ago: no time is longer than a day, and whoever still waits keeps theirs.
DELETE FROM journeys_gateturn AS t
WHERE t.at < %(before)s AND NOT EXISTS (
    SELECT FROM journeys_enrollment AS e WHERE e.id = t.enrollment_id AND e.visit = t.visit AND e.state = 1
)
