-- name: claim
-- The entry whose moment is longest past, of a live journey. Its journey is held with it, so that it is neither paused
-- nor published anew meanwhile; nobody waits for anybody. A segment that was never built knows nobody yet: it is waited
-- for. The entries of a journey call in the order of their moments, or a later one would bring somebody in first: only
-- the first of them is taken, and `before` says when the next one calls. Where it has moved on meanwhile, it is left.
WITH ready AS (
    SELECT c.id, c.due_at, c.reached,
        row_number() OVER journey AS place,
        lead(c.due_at) OVER journey AS before
    FROM journeys_entryclock AS c
    WHERE c.due_at IS NOT NULL AND c.id <> ALL(%(besides)s::bigint[]) AND NOT EXISTS (
        SELECT 1 FROM profiles_segment AS s WHERE s.id = c.segment_id AND s.state = 'building' AND s.built_at IS NULL
    )
    WINDOW journey AS (PARTITION BY c.journey_id ORDER BY c.due_at, c.id)
)
SELECT c.id, c.version_id, c.node_id, c.due_at, c.followed_at, c.until_at, c.reached, r.before
FROM ready AS r
JOIN journeys_entryclock AS c ON c.id = r.id AND c.due_at = r.due_at AND c.reached = r.reached
JOIN journeys_journey AS j ON j.id = c.journey_id AND j.state = 'live'
WHERE r.place = 1 AND c.due_at <= %(now)s
ORDER BY c.due_at, c.id
LIMIT 1
FOR UPDATE OF c SKIP LOCKED
FOR SHARE OF j SKIP LOCKED

-- name: settle
UPDATE journeys_entryclock
SET followed_at = %(followed)s, due_at = %(due)s, until_at = %(until)s, reached = %(reached)s
WHERE id = %(id)s

-- name: end_of_people
-- How far the next piece of everybody reaches, and how many there are.
SELECT max(id), count(*) FROM (
    SELECT id FROM profiles_profile WHERE id > %(after)s ORDER BY id LIMIT %(limit)s
) AS piece

-- name: end_of_members
SELECT max(profile_id), count(*) FROM (
    SELECT profile_id FROM profiles_membership
    WHERE segment_id = %(segment)s AND profile_id > %(after)s ORDER BY profile_id LIMIT %(limit)s
) AS piece

-- name: everybody
-- People of one piece with the turns of the zone they live in. Who lives in no zone we know lives in ours, the empty
-- name. They are held, so that nobody becomes somebody else while they come in.
SELECT p.id, p.attributes ->> 'timezone', p.attributes #>> %(path)s::text[], t.n
FROM profiles_profile AS p
JOIN unnest(%(zones)s::text[], %(turns)s::int[]) AS t (zone, n) ON t.zone = CASE
    WHEN p.attributes ->> 'timezone' = ANY(%(known)s::text[]) THEN p.attributes ->> 'timezone' ELSE '' END
WHERE p.id > %(after)s AND p.id <= %(until)s AND p.merged_into_id IS NULL
    AND (%(near)s::text[] IS NULL OR substr(p.attributes #>> %(path)s::text[], %(from)s, %(length)s) = ANY(%(near)s))
ORDER BY p.id
FOR SHARE OF p

-- name: members
-- The same of the people in a segment.
SELECT p.id, p.attributes ->> 'timezone', p.attributes #>> %(path)s::text[], t.n
FROM profiles_membership AS m
JOIN profiles_profile AS p ON p.id = m.profile_id
JOIN unnest(%(zones)s::text[], %(turns)s::int[]) AS t (zone, n) ON t.zone = CASE
    WHEN p.attributes ->> 'timezone' = ANY(%(known)s::text[]) THEN p.attributes ->> 'timezone' ELSE '' END
WHERE m.segment_id = %(segment)s AND m.profile_id > %(after)s AND m.profile_id <= %(until)s AND p.merged_into_id IS NULL
    AND (%(near)s::text[] IS NULL OR substr(p.attributes #>> %(path)s::text[], %(from)s, %(length)s) = ANY(%(near)s))
ORDER BY p.id
FOR SHARE OF p

-- name: moved
-- People of one piece whose zone has changed lately: from what, to what and when, the newest change first.
SELECT p.id, p.attributes ->> 'timezone', p.attributes #>> %(path)s::text[], h.old, h.new, h.at
FROM (
    SELECT profile_id, array_agg(old #>> '{}' ORDER BY id DESC) AS old, array_agg(new #>> '{}' ORDER BY id DESC) AS new,
        array_agg(at ORDER BY id DESC) AS at
    FROM profiles_attributechange
    WHERE name = 'timezone' AND profile_id > %(after)s AND profile_id <= %(until)s AND at > %(since)s
    GROUP BY profile_id
) AS h
JOIN profiles_profile AS p ON p.id = h.profile_id
WHERE p.merged_into_id IS NULL
    AND (%(near)s::text[] IS NULL OR substr(p.attributes #>> %(path)s::text[], %(from)s, %(length)s) = ANY(%(near)s))
    AND (%(segment)s::bigint IS NULL OR EXISTS (
        SELECT FROM profiles_membership AS m WHERE m.segment_id = %(segment)s AND m.profile_id = p.id
    ))
ORDER BY p.id
FOR SHARE OF p
