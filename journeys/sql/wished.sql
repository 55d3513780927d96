-- Who wanted what in a test with the past, between its rounds.

-- name: of
SELECT profile_id, gate, number, visit, at, turn_at FROM journeys_wished
WHERE job_id = %(job)s AND profile_id = ANY(%(profiles)s::bigint[])

-- name: forget
DELETE FROM journeys_wished WHERE job_id = %(job)s AND profile_id = ANY(%(profiles)s::bigint[])

-- name: note
INSERT INTO journeys_wished (job_id, profile_id, gate, number, visit, at)
SELECT %(job)s, w.* FROM unnest(
    %(profile)s::bigint[], %(gate)s::text[], %(number)s::int[], %(visit)s::int[], %(at)s::timestamptz[]
) AS w

-- name: last
-- The one who gets the last place; nobody, where there are places for all.
SELECT at, profile_id, number FROM journeys_wished
WHERE job_id = %(job)s AND gate = ''
ORDER BY at, profile_id, number
OFFSET %(before)s LIMIT 1

-- name: queue
-- Everybody who came to a gate, in this order.
SELECT id, at FROM journeys_wished
WHERE job_id = %(job)s AND gate = %(gate)s
ORDER BY at, profile_id, number, visit

-- name: give
-- Gives how many turns are others than before, where somebody has to wait for it or had to.
WITH given AS (
    UPDATE journeys_wished AS w SET turn_at = g.turn_at
    FROM unnest(%(id)s::bigint[], %(turn)s::timestamptz[]) AS g (id, turn_at),
        journeys_wished AS old
    WHERE w.id = g.id AND old.id = g.id AND old.turn_at IS DISTINCT FROM g.turn_at
    RETURNING COALESCE(old.turn_at, old.at) <> g.turn_at AS moved
)
SELECT count(*) FILTER (WHERE moved) FROM given

-- name: people
SELECT DISTINCT profile_id FROM journeys_wished WHERE job_id = %(job)s ORDER BY 1

-- name: clear
DELETE FROM journeys_wished WHERE job_id = %(job)s
