-- name: wanted
-- Who wants to hear of any of these kinds and keys. "*" is every key of a kind.
SELECT DISTINCT kind, key, consumer
FROM profiles_interest
WHERE kind = ANY(%(kinds)s::text[]) AND (key = ANY(%(keys)s::text[]) OR key = '*')

-- name: record
-- In the given order: ids rise with it.
INSERT INTO profiles_change (consumer, profile_id, kind, key, event_id, at, data)
SELECT c.consumer, c.profile_id, c.kind, c.key, c.event_id, c.at, c.data
FROM ROWS FROM (
    json_to_recordset(%(rows)s::json) AS (
        consumer text, profile_id bigint, kind text, key text, event_id bigint, at timestamptz, data jsonb
    )
) WITH ORDINALITY AS c (consumer, profile_id, kind, key, event_id, at, data, n)
ORDER BY c.n
