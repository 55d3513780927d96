-- name: events
SELECT id, kind, name, properties, context, occurred_at, received_at, message_id
FROM profiles_event
WHERE profile_id = %(profile)s AND (occurred_at, id) < (%(at)s::timestamptz, %(id)s)
ORDER BY occurred_at DESC, id DESC
LIMIT %(limit)s
