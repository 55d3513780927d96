-- Samples for suggestions. Quick at any size: nothing here reads a whole large table.

-- name: event_names
-- All names by hopping through the (name, occurred_at) index; how often, from a sample of pages scaled up. Tables
-- of which the statistics say nothing yet, or that are small, are counted whole.
WITH RECURSIVE names AS (
    (SELECT name FROM profiles_event ORDER BY name LIMIT 1)
    UNION ALL
    SELECT (SELECT e.name FROM profiles_event e WHERE e.name > n.name ORDER BY e.name LIMIT 1)
    FROM names n WHERE n.name IS NOT NULL
),
share AS (
    SELECT least(100, 100 * 100000 / greatest(reltuples, 1))::real AS percent
    FROM pg_class WHERE oid = 'profiles_event'::regclass
),
counted AS (
    SELECT e.name, (count(*) * 100 / s.percent)::bigint AS count
    FROM share s, LATERAL (
        SELECT name FROM profiles_event TABLESAMPLE SYSTEM (s.percent) REPEATABLE (1)
    ) e
    GROUP BY e.name, s.percent
)
SELECT n.name, coalesce(c.count, 1)
FROM names n LEFT JOIN counted c USING (name)
WHERE n.name IS NOT NULL
ORDER BY 2 DESC, 1
LIMIT %(most)s

-- name: event_sample
SELECT e.properties::text
FROM profiles_event e
WHERE e.name = %(name)s
ORDER BY e.occurred_at DESC
LIMIT %(size)s

-- name: profile_sample
SELECT p.attributes::text
FROM profiles_profile p
WHERE p.id IN (
    (SELECT profile_id FROM profiles_lastseen ORDER BY at DESC, profile_id DESC LIMIT %(size)s)
    UNION ALL (SELECT id FROM profiles_profile ORDER BY id DESC LIMIT %(size)s)
) AND p.merged_into_id IS NULL AND p.attributes <> '{}'
LIMIT %(size)s

-- name: account_sample
SELECT a.attributes::text
FROM profiles_account a
ORDER BY a.id DESC
LIMIT %(size)s
