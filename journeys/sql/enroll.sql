-- name: enroll
-- The unique index on active enrollments decides between two starts at the same moment. The journeys are held, so that
-- nobody comes into one that is paused or archived at this moment.
WITH live AS MATERIALIZED (
    SELECT id FROM journeys_journey WHERE id = ANY(%(journey)s::bigint[]) AND state = 'live' ORDER BY id FOR SHARE
)
INSERT INTO journeys_enrollment (
    journey_id, version_id, node_id, profile_id, state, visit, due_at, entered_at, node_entered_at, trigger_event_id,
    entry_key, reason
)
SELECT s.journey_id, s.version_id, s.node_id, s.profile_id, 1, 1, %(now)s, s.entered_at, s.entered_at, s.event_id,
    s.entry_key, ''
FROM unnest(
    %(journey)s::bigint[], %(version)s::bigint[], %(node)s::bigint[], %(profile)s::bigint[],
    %(entered)s::timestamptz[], %(event)s::bigint[], %(entry_key)s::text[], %(once)s::boolean[]
) WITH ORDINALITY AS s (journey_id, version_id, node_id, profile_id, entered_at, event_id, entry_key, once, n)
JOIN live ON live.id = s.journey_id
WHERE NOT EXISTS (
    SELECT 1 FROM journeys_enrollment AS e
    WHERE s.once AND e.profile_id = s.profile_id AND e.journey_id = s.journey_id
)
ORDER BY s.n
ON CONFLICT DO NOTHING
RETURNING journey_id, version_id, node_id, profile_id
