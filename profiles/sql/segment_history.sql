-- How segments were before. Every time comes from outside.

-- name: members_at
-- Backwards from today: what it costs follows what has changed since. People who have been joined since count once, as
-- who they are today.
WITH later AS (
    SELECT DISTINCT ON (e.profile_id) e.profile_id, e.entered
    FROM profiles_membershipevent e
    WHERE e.segment_id = %(segment)s AND e.at > %(at)s
    ORDER BY e.profile_id, e.id
),
inside AS (
    SELECT m.profile_id FROM profiles_membership m
    WHERE m.segment_id = %(segment)s AND NOT EXISTS (SELECT FROM later l WHERE l.profile_id = m.profile_id)
    UNION ALL
    SELECT l.profile_id FROM later l WHERE NOT l.entered
)
SELECT DISTINCT coalesce(p.merged_into_id, p.id) AS id
FROM inside i
JOIN profiles_profile p ON p.id = i.profile_id
ORDER BY id

-- name: entered_before
-- When and why these people, or who has been joined with them since, had come in.
SELECT DISTINCT ON (p.id) p.id, e.at, e.reason
FROM unnest(%(profiles)s::bigint[]) w (id)
JOIN profiles_profile p ON p.id = w.id
JOIN profiles_profile o ON o.id = p.id OR o.merged_into_id = p.id
JOIN profiles_membershipevent e ON e.profile_id = o.id AND e.segment_id = %(segment)s
WHERE e.entered AND e.at <= %(at)s
ORDER BY p.id, e.at DESC, e.id DESC

-- name: days
-- The size at the end of each day with a change, in the given zone, and the last one before.
SELECT s.segment_id, s.day, s.size, s.entered, s.exited
FROM (
    SELECT segment_id, (hour AT TIME ZONE %(zone)s)::date AS day, sum(entered)::bigint AS entered,
           sum(exited)::bigint AS exited, (array_agg(size ORDER BY hour DESC))[1] AS size
    FROM profiles_segmentsize
    WHERE segment_id = ANY(%(segments)s::bigint[]) AND hour >= %(since)s AND hour < %(until)s
    GROUP BY 1, 2
) s
UNION ALL
SELECT w.id, NULL, b.size, 0, 0
FROM unnest(%(segments)s::bigint[]) w (id)
CROSS JOIN LATERAL (
    SELECT size FROM profiles_segmentsize WHERE segment_id = w.id AND hour < %(since)s ORDER BY hour DESC LIMIT 1
) b
ORDER BY 1, 2 NULLS FIRST

-- name: hours
SELECT s.segment_id, s.hour, s.size, s.entered, s.exited
FROM profiles_segmentsize s
WHERE s.segment_id = ANY(%(segments)s::bigint[]) AND s.hour >= %(since)s AND s.hour < %(until)s
UNION ALL
SELECT w.id, NULL, b.size, 0, 0
FROM unnest(%(segments)s::bigint[]) w (id)
CROSS JOIN LATERAL (
    SELECT size FROM profiles_segmentsize WHERE segment_id = w.id AND hour < %(since)s ORDER BY hour DESC LIMIT 1
) b
ORDER BY 1, 2 NULLS FIRST

-- name: latest_checks
SELECT s.id, c.at, c.missing + c.surplus + c.miscounted
FROM profiles_segment s
CROSS JOIN LATERAL (
    SELECT * FROM profiles_segmentcheck c WHERE c.segment_id = s.id ORDER BY c.at DESC LIMIT 1
) c
WHERE s.state = 'live'
