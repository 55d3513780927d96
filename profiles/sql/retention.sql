-- Forgetting what is old, some thousand rows at a time. Every time comes from outside.

-- name: event_names
-- Each name once, by jumps through the index: a table of millions has a few dozen.
WITH RECURSIVE names AS (
    (SELECT name FROM profiles_event ORDER BY name LIMIT 1)
    UNION ALL
    SELECT (SELECT e.name FROM profiles_event e WHERE e.name > n.name ORDER BY e.name LIMIT 1)
    FROM names n WHERE n.name IS NOT NULL
)
SELECT name FROM names WHERE name IS NOT NULL

-- name: old_events
-- The oldest of one name, after those that were looked at in this run and have to stay.
SELECT id, profile_id, occurred_at FROM profiles_event
WHERE name = %(name)s AND occurred_at < %(before)s AND occurred_at >= %(since)s AND NOT id = ANY(%(stay)s::bigint[])
ORDER BY occurred_at
LIMIT %(limit)s

-- name: hold
-- Everybody who writes to a profile holds its row lock, in the order of ids.
SELECT id FROM profiles_profile WHERE id = ANY(%(profiles)s::bigint[]) ORDER BY id FOR NO KEY UPDATE

-- name: forget_events
-- A merge may have given an event to somebody else since it was listed: then it waits for the next time.
DELETE FROM profiles_event
WHERE id = ANY(%(ids)s::bigint[]) AND profile_id = ANY(%(profiles)s::bigint[])
RETURNING id, profile_id

-- name: note
INSERT INTO profiles_forgotten AS f (day, what, name, before, removed, at)
VALUES (%(day)s, %(what)s, %(name)s, %(before)s, %(removed)s, %(now)s)
ON CONFLICT (day, what, name) DO UPDATE
SET removed = f.removed + excluded.removed, before = excluded.before, at = excluded.at
