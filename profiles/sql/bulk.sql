-- name: people
-- Who was merged away meanwhile is left out: the survivor stands for both.
SELECT p.id, p.attributes::text, p.created_at, l.at
FROM profiles_profile p
LEFT JOIN profiles_lastseen l ON l.profile_id = p.id
WHERE p.id = ANY(%(ids)s::bigint[]) AND p.merged_into_id IS NULL
ORDER BY p.id

-- name: identities
SELECT profile_id, kind, value
FROM profiles_identity
WHERE profile_id = ANY(%(ids)s::bigint[]) AND kind = ANY(%(kinds)s::text[])
ORDER BY id

-- name: consents
SELECT c.profile_id, CASE WHEN c.channel = '' THEN t.slug ELSE t.slug || ':' || c.channel END, c.subscribed
FROM profiles_consent c
JOIN profiles_topic t ON t.id = c.topic_id
WHERE c.profile_id = ANY(%(ids)s::bigint[]) AND t.slug = ANY(%(slugs)s::text[])

-- name: memberships
SELECT profile_id, segment_id::text, since
FROM profiles_membership
WHERE profile_id = ANY(%(ids)s::bigint[]) AND segment_id = ANY(%(segments)s::bigint[])

-- name: entries
SELECT profile_id, list_id::text, at
FROM profiles_listentry
WHERE profile_id = ANY(%(ids)s::bigint[]) AND list_id = ANY(%(lists)s::bigint[])

-- name: types
-- Which types the values under some paths have, among these people; "integer" is a number that fits 64 bits whole.
SELECT c.place - 1, CASE
           WHEN jsonb_typeof(v.value) = 'number' AND v.value::text ~ '^-?[0-9]{1,18}$' THEN 'integer'
           ELSE jsonb_typeof(v.value)
       END AS type
FROM profiles_profile p
CROSS JOIN unnest(%(paths)s::text[]) WITH ORDINALITY AS c (path, place)
CROSS JOIN LATERAL (SELECT p.attributes #> string_to_array(c.path, '.') AS value) v
WHERE p.id = ANY(%(ids)s::bigint[]) AND v.value IS NOT NULL
GROUP BY 1, 2
