-- How segments were before. Every time comes from outside.

-- name: inside_at
-- Since when and why these people, or who has been joined with them since, were inside.
SELECT DISTINCT ON (p.id) p.id, i.since, i.reason
FROM unnest(%(profiles)s::bigint[]) w (id)
JOIN profiles_profile p ON p.id = w.id
JOIN profiles_profile o ON o.id = p.id OR o.merged_into_id = p.id
CROSS JOIN LATERAL (
    SELECT m.since, m.reason FROM profiles_membership m
    WHERE m.profile_id = o.id AND m.segment_id = %(segment)s AND m.since <= %(at)s
    UNION ALL
    SELECT l.since, l.reason FROM profiles_pastmembership l
    WHERE l.profile_id = o.id AND l.segment_id = %(segment)s AND l.since <= %(at)s AND l.until > %(at)s
) i
ORDER BY p.id, i.since

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
