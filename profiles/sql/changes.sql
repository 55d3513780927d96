-- name: record
-- Writes only what somebody wants to hear of, once per consumer, in the given order (ids rise with it).
INSERT INTO profiles_change (consumer, profile_id, kind, key, event_id, at, data)
SELECT i.consumer, c.profile_id, c.kind, c.key, c.event_id, c.at, c.data::jsonb
FROM unnest(
    %(profile)s::bigint[], %(kind)s::text[], %(key)s::text[], %(event)s::bigint[], %(at)s::timestamptz[],
    %(data)s::text[]
) WITH ORDINALITY AS c (profile_id, kind, key, event_id, at, data, n)
JOIN LATERAL (
    SELECT DISTINCT consumer FROM profiles_interest WHERE kind = c.kind AND key IN (c.key, '*')
) AS i ON true
ORDER BY c.n, i.consumer
RETURNING consumer
