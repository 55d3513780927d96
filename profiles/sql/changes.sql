-- name: wanted
-- Who wants to hear of any of these kinds and keys. "*" is every key of a kind.
SELECT DISTINCT kind, key, consumer
FROM profiles_interest
WHERE kind = ANY(%(kinds)s::text[]) AND (key = ANY(%(keys)s::text[]) OR key = '*')

-- name: record
-- In the given order: ids rise with it.
COPY profiles_change (consumer, profile_id, kind, key, event_id, at, data) FROM STDIN
