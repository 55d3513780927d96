-- Lines of one person's timeline, newest first, behind (at, id). "infinity" is the start; an empty text is no search.

-- name: events
-- Walks the index (profile, occurred_at) backwards and stops at the limit.
SELECT id, kind, name, properties, context, occurred_at
FROM profiles_event
WHERE profile_id = %(profile)s AND (occurred_at, id) < (%(at)s::timestamptz, %(id)s)
  AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s::text[]))
  AND (%(text)s = '' OR name ILIKE %(text)s OR properties::text ILIKE %(text)s)
ORDER BY occurred_at DESC, id DESC
LIMIT %(limit)s

-- name: consents
SELECT c.id, c.at, c.subscribed, c.channel, c.source, t.name
FROM profiles_consentchange c
JOIN profiles_topic t ON t.id = c.topic_id
WHERE c.profile_id = %(profile)s AND (c.at, c.id) < (%(at)s::timestamptz, %(id)s)
  AND (%(text)s = '' OR t.name ILIKE %(text)s)
ORDER BY c.at DESC, c.id DESC
LIMIT %(limit)s

-- name: notes
SELECT n.id, n.at, n.text, COALESCE(NULLIF(u.name, ''), u.email, '')
FROM profiles_note n
LEFT JOIN accounts_user u ON u.id = n.by_id
WHERE n.profile_id = %(profile)s AND (n.at, n.id) < (%(at)s::timestamptz, %(id)s)
  AND (%(text)s = '' OR n.text ILIKE %(text)s)
ORDER BY n.at DESC, n.id DESC
LIMIT %(limit)s

-- name: lists
SELECT e.id, e.at, e.source, l.id, l.name
FROM profiles_listentry e
JOIN profiles_peoplelist l ON l.id = e.list_id
WHERE e.profile_id = %(profile)s AND (e.at, e.id) < (%(at)s::timestamptz, %(id)s)
  AND (%(text)s = '' OR l.name ILIKE %(text)s)
ORDER BY e.at DESC, e.id DESC
LIMIT %(limit)s

-- name: moves
-- Of this person and of who was joined to them: nobody's stays go over in a join. Each stay is an entry and, when it is
-- over, an exit; being joined is none. A move's number is twice that of its segment, and one more for an exit.
WITH stays AS (
    SELECT m.segment_id, m.since, m.reason, NULL::timestamptz AS until, NULL AS exit_reason
    FROM profiles_profile p
    JOIN profiles_membership m ON m.profile_id = p.id
    WHERE p.id = %(profile)s OR p.merged_into_id = %(profile)s
    UNION ALL
    SELECT l.segment_id, l.since, l.reason, l.until, l.exit_reason
    FROM profiles_profile p
    JOIN profiles_pastmembership l ON l.profile_id = p.id
    WHERE p.id = %(profile)s OR p.merged_into_id = %(profile)s
),
moves AS (
    SELECT DISTINCT 2 * segment_id AS id, since AS at, TRUE AS entered, reason, segment_id FROM stays
    UNION ALL
    SELECT 2 * segment_id + 1, until, FALSE, exit_reason, segment_id FROM stays WHERE exit_reason <> 'merged'
)
SELECT m.id, m.at, m.entered, m.reason, m.segment_id, COALESCE(s.name, '')
FROM moves m
LEFT JOIN profiles_segment s ON s.id = m.segment_id
WHERE (m.at, m.id) < (%(at)s::timestamptz, %(id)s)
  AND (%(text)s = '' OR s.name ILIKE %(text)s)
ORDER BY m.at DESC, m.id DESC
LIMIT %(limit)s

-- name: attributes
SELECT c.id, c.at, c.name, c.old, c.new, c.source
FROM profiles_attributechange c
WHERE c.profile_id = %(profile)s AND (c.at, c.id) < (%(at)s::timestamptz, %(id)s)
  AND (%(text)s = '' OR c.name ILIKE %(text)s OR c.old::text ILIKE %(text)s OR c.new::text ILIKE %(text)s)
ORDER BY c.at DESC, c.id DESC
LIMIT %(limit)s

-- name: joins
-- Being joined and being taken apart, each a line: twice the number of the join, and which of the two.
SELECT 2 * m.id + w.what, w.at, w.what, m.kind, m.value, m.survivor_id = %(profile)s, m.loser_id, m.survivor_id,
       m.loser_before -> 'attributes', m.survivor_before -> 'attributes'
FROM profiles_merge m
CROSS JOIN LATERAL (VALUES (0, m.at), (1, m.undone_at)) AS w (what, at)
WHERE (m.survivor_id IN (
        SELECT p.id FROM profiles_profile p WHERE p.id = %(profile)s OR p.merged_into_id = %(profile)s
    ) OR m.loser_id = %(profile)s)
  AND w.at IS NOT NULL AND (w.at, 2 * m.id + w.what) < (%(at)s::timestamptz, %(id)s)
  AND (%(text)s = '' OR m.value ILIKE %(text)s)
ORDER BY w.at DESC, 1 DESC
LIMIT %(limit)s
