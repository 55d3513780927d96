-- name: due_versions
-- Versions of live journeys with somebody due; retired ones run on for those who are inside.
SELECT v.id FROM journeys_version AS v
JOIN journeys_journey AS j ON j.id = v.journey_id
WHERE j.state = 'live' AND v.state <> 'draft' AND EXISTS (
    SELECT 1 FROM journeys_enrollment AS e WHERE e.version_id = v.id AND e.state = 1 AND e.due_at <= %(now)s
)

-- name: claim
-- Locked until the transaction ends; what another worker holds is passed over.
SELECT id, profile_id, node_id, visit, entered_at, node_entered_at, trigger_event_id, chain
FROM journeys_enrollment
WHERE version_id = %(version)s AND state = 1 AND due_at <= %(now)s
ORDER BY due_at
LIMIT %(limit)s
FOR UPDATE SKIP LOCKED

-- name: claim_some
SELECT id, profile_id, node_id, visit, entered_at, node_entered_at, trigger_event_id, chain
FROM journeys_enrollment
WHERE id = ANY(%(ids)s::bigint[]) AND version_id = %(version)s AND state = 1 AND due_at <= %(now)s
ORDER BY id
FOR UPDATE SKIP LOCKED

-- name: merged
-- People who have just become somebody else: their enrollments move when the inbox hears of it, and run then.
SELECT id FROM profiles_profile WHERE id = ANY(%(profiles)s::bigint[]) AND merged_into_id IS NOT NULL

-- name: write_enrollments
-- Reasons are few: they are given once, and each row says which.
UPDATE journeys_enrollment AS e
SET node_id = u.node_id, visit = u.visit, state = u.state, due_at = u.due_at, node_entered_at = u.node_entered_at,
    ended_at = u.ended_at, reason = (%(reasons)s::text[])[u.reason]
FROM unnest(
    %(id)s::bigint[], %(node)s::bigint[], %(visit)s::int[], %(state)s::smallint[], %(due)s::timestamptz[],
    %(node_entered)s::timestamptz[], %(ended)s::timestamptz[], %(reason)s::int[]
) AS u (id, node_id, visit, state, due_at, node_entered_at, ended_at, reason)
WHERE e.id = u.id

-- name: copy_steps
COPY journeys_step (enrollment_id, profile_id, node_id, visit, entered_at, left_at, port, outcome, facts) FROM STDIN

-- name: write_messages
-- (enrollment, node, visit) can exist once: whatever is repeated, nobody is written to twice.
INSERT INTO journeys_message (
    enrollment_id, journey_id, version_id, node_id, visit, profile_id, template_id, channel, topic_id,
    trigger_event_id, state, reason, address, attempts, created_at, due_at
)
SELECT enrollment_id, %(journey)s, %(version)s, node_id, visit, profile_id, template_id, channel, topic_id,
    trigger_event_id, 'pending', '', '', 0, %(now)s, %(now)s
FROM unnest(
    %(enrollment)s::bigint[], %(node)s::bigint[], %(visit)s::int[], %(profile)s::bigint[], %(template)s::bigint[],
    %(channel)s::text[], %(topic)s::bigint[], %(trigger)s::bigint[]
) AS u (enrollment_id, node_id, visit, profile_id, template_id, channel, topic_id, trigger_event_id)
ON CONFLICT DO NOTHING

-- name: fail_one
UPDATE journeys_enrollment SET state = 4, reason = %(reason)s, ended_at = %(now)s, due_at = NULL
WHERE id = %(id)s AND state = 1
RETURNING node_id

-- name: write_requests
INSERT INTO journeys_request (
    kind, name, enrollment_id, journey_id, node_id, node_key, visit, profile_id, trigger_event_id, assignee_id, state,
    attempts, created_at, due_at, result, error
)
SELECT kind, name, enrollment_id, %(journey)s, node_id, key, visit, profile_id, trigger_id, assignee_id, 'pending',
    0, %(now)s, due_at, '', ''
FROM unnest(
    %(kind)s::text[], %(name)s::text[], %(enrollment)s::bigint[], %(node)s::bigint[], %(key)s::text[],
    %(visit)s::int[], %(profile)s::bigint[], %(trigger)s::bigint[], %(due)s::timestamptz[], %(assignee)s::bigint[]
) AS u (kind, name, enrollment_id, node_id, key, visit, profile_id, trigger_id, due_at, assignee_id)
ON CONFLICT DO NOTHING
