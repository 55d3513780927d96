-- name: claim
-- The entry whose moment is longest past, of a live journey. Its journey is held with it, so that it is neither paused
-- nor published anew meanwhile; nobody waits for anybody. A segment that was never built knows nobody yet: it is waited
-- for.
SELECT c.id, c.version_id, c.node_id, c.due_at, c.followed_at, c.reached
FROM journeys_entryclock AS c
JOIN journeys_journey AS j ON j.id = c.journey_id AND j.state = 'live'
WHERE c.due_at <= %(now)s AND NOT EXISTS (
    SELECT 1 FROM profiles_segment AS s WHERE s.id = c.segment_id AND s.state = 'building' AND s.built_at IS NULL
)
ORDER BY c.due_at, c.id
LIMIT 1
FOR UPDATE OF c SKIP LOCKED
FOR SHARE OF j SKIP LOCKED

-- name: settle
UPDATE journeys_entryclock SET followed_at = %(followed)s, due_at = %(due)s, reached = %(reached)s WHERE id = %(id)s

-- name: end_of_people
-- How far the next piece of everybody reaches.
SELECT max(id) FROM (
    SELECT id FROM profiles_profile WHERE id > %(after)s ORDER BY id LIMIT %(limit)s
) AS piece

-- name: end_of_members
SELECT max(profile_id) FROM (
    SELECT profile_id FROM profiles_membership
    WHERE segment_id = %(segment)s AND profile_id > %(after)s ORDER BY profile_id LIMIT %(limit)s
) AS piece

-- name: everybody
-- People of one piece, by the zone they live in. Who lives in no zone we know lives in ours. They are held, so that
-- nobody becomes somebody else while they come in.
SELECT p.id, p.attributes ->> 'timezone', p.attributes #>> %(path)s::text[]
FROM profiles_profile AS p
WHERE p.id > %(after)s AND p.id <= %(until)s AND p.merged_into_id IS NULL
    AND (%(everywhere)s OR p.attributes ->> 'timezone' = ANY(%(zones)s::text[]) OR (%(ours)s AND (
        p.attributes ->> 'timezone' IS NULL OR p.attributes ->> 'timezone' <> ALL(%(known)s::text[])
    )))
    AND (%(near)s::text[] IS NULL OR substr(p.attributes #>> %(path)s::text[], %(from)s, %(length)s) = ANY(%(near)s))
ORDER BY p.id
FOR SHARE OF p

-- name: members
-- The same of the people in a segment.
SELECT p.id, p.attributes ->> 'timezone', p.attributes #>> %(path)s::text[]
FROM profiles_membership AS m
JOIN profiles_profile AS p ON p.id = m.profile_id
WHERE m.segment_id = %(segment)s AND m.profile_id > %(after)s AND m.profile_id <= %(until)s AND p.merged_into_id IS NULL
    AND (%(everywhere)s OR p.attributes ->> 'timezone' = ANY(%(zones)s::text[]) OR (%(ours)s AND (
        p.attributes ->> 'timezone' IS NULL OR p.attributes ->> 'timezone' <> ALL(%(known)s::text[])
    )))
    AND (%(near)s::text[] IS NULL OR substr(p.attributes #>> %(path)s::text[], %(from)s, %(length)s) = ANY(%(near)s))
ORDER BY p.id
FOR SHARE OF p
