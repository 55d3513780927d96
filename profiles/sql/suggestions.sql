-- Samples for suggestions. Quick at any size: nothing here reads a whole large table.

-- name: event_names
-- Each once, by hops through the (name, occurred_at) index: a table of millions has a few dozen.
WITH RECURSIVE names AS (
    (SELECT name FROM profiles_event ORDER BY name LIMIT 1)
    UNION ALL
    SELECT (SELECT e.name FROM profiles_event e WHERE e.name > n.name ORDER BY e.name LIMIT 1)
    FROM names n WHERE n.name IS NOT NULL
)
SELECT name FROM names WHERE name IS NOT NULL

-- name: event_counts
-- How often, from a sample of pages scaled up. Tables of which the statistics say nothing yet, or that are small, are
-- counted whole.
WITH share AS (
    SELECT least(100, 100 * 100000 / greatest(reltuples, 1))::real AS percent
    FROM pg_class WHERE oid = 'profiles_event'::regclass
)
SELECT e.name, (count(*) * 100 / s.percent)::bigint
FROM share s, LATERAL (
    SELECT name FROM profiles_event TABLESAMPLE SYSTEM (s.percent) REPEATABLE (1)
) e
GROUP BY e.name, s.percent

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
