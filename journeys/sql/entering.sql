-- name: identities
SELECT kind, value, profile_id FROM profiles_identity
WHERE (kind, value) IN (SELECT * FROM unnest(%(kinds)s::text[], %(values)s::text[]))

-- name: events
SELECT message_id, id FROM profiles_event WHERE message_id = ANY(%(messages)s::uuid[])
