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
