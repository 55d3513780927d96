-- name: hold_limited
-- One transaction at a time counts who has come into a journey with a limit.
SELECT pg_advisory_xact_lock(20260303, j.id)
FROM (SELECT DISTINCT (id %% 1000000)::int AS id FROM unnest(%(journeys)s::bigint[]) AS u (id) ORDER BY 1) AS j

-- name: came
SELECT journey_id, sum(count)::bigint FROM journeys_tally
WHERE metric = 'started' AND version_id IN (SELECT id FROM journeys_version WHERE journey_id = ANY(%(journeys)s::bigint[]))
GROUP BY journey_id

-- name: enroll
-- The unique index on active enrollments decides between two starts at the same moment. The journeys are held, so that
-- nobody comes into one that is paused or archived at this moment. First who may come again at all, then whether
-- journeys bring them round in circles, then how often, then whether there is room: each counts only whom the one before
-- it lets through.
WITH live AS MATERIALIZED (
    SELECT id FROM journeys_journey WHERE id = ANY(%(journey)s::bigint[]) AND state = 'live' ORDER BY id FOR SHARE
), asked AS (
    SELECT DISTINCT ON (s.journey_id, s.profile_id, s.entry_key) s.*
    FROM unnest(
        %(journey)s::bigint[], %(version)s::bigint[], %(node)s::bigint[], %(profile)s::bigint[],
        %(entered)s::timestamptz[], %(event)s::bigint[], %(entry_key)s::text[], %(keyed)s::boolean[],
        %(ever)s::boolean[], %(person)s::int[], %(since)s::timestamptz[], %(room)s::bigint[], %(chain)s::int[]
    ) WITH ORDINALITY AS s (
        journey_id, version_id, node_id, profile_id, entered_at, event_id, entry_key, keyed, ever, person, since, room,
        chain, n
    )
    JOIN live ON live.id = s.journey_id
    ORDER BY s.journey_id, s.profile_id, s.entry_key, s.n
), chained AS MATERIALIZED (
    SELECT a.journey_id, a.version_id, a.node_id, a.profile_id, a.entered_at, a.event_id, a.entry_key, a.person, a.since,
        a.room, a.n, COALESCE(a.chain, 1 + (
            SELECT COALESCE(max(e.chain), 0) FROM journeys_enrollment AS e
            WHERE e.profile_id = a.profile_id AND e.journey_id = a.journey_id AND e.entered_at > %(hot)s
        )) AS chain
    FROM asked AS a
    WHERE NOT EXISTS (
        SELECT 1 FROM journeys_enrollment AS e
        WHERE e.profile_id = a.profile_id AND e.journey_id = a.journey_id
            AND (NOT a.keyed OR e.entry_key = a.entry_key) AND (a.ever OR e.state = 1)
    )
), braked AS (
    INSERT INTO journeys_braked (journey_id, profile_id, at)
    SELECT DISTINCT journey_id, profile_id, %(now)s::timestamptz FROM chained WHERE chain > %(longest)s
    ORDER BY journey_id, profile_id
    ON CONFLICT (journey_id, profile_id) DO UPDATE SET at = excluded.at
), fresh AS (
    SELECT c.*, row_number() OVER (PARTITION BY c.journey_id, c.profile_id ORDER BY c.n) AS nth
    FROM chained AS c
    WHERE c.chain <= %(longest)s
), few AS (
    SELECT f.*, row_number() OVER (PARTITION BY f.journey_id ORDER BY f.n) AS place
    FROM fresh AS f
    WHERE f.person IS NULL OR f.nth + (
        SELECT count(*) FROM journeys_enrollment AS e
        WHERE e.profile_id = f.profile_id AND e.journey_id = f.journey_id
            AND (f.since IS NULL OR e.entered_at >= f.since)
    ) <= f.person
)
INSERT INTO journeys_enrollment (
    journey_id, version_id, node_id, profile_id, state, visit, due_at, entered_at, node_entered_at, trigger_event_id,
    entry_key, chain, reason
)
SELECT s.journey_id, s.version_id, s.node_id, s.profile_id, 1, 1, %(now)s, s.entered_at, s.entered_at, s.event_id,
    s.entry_key, s.chain, ''
FROM few AS s
WHERE s.room IS NULL OR s.place <= s.room
ORDER BY s.n
ON CONFLICT DO NOTHING
RETURNING journey_id, version_id, node_id, profile_id, id, entry_key
