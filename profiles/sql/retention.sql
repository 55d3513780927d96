-- Forgetting what is old, some thousand rows at a time. Every time comes from outside.

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
