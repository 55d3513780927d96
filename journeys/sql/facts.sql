-- name: attributes
SELECT id, attributes::text FROM profiles_profile WHERE id = ANY(%(profiles)s::bigint[])

-- name: triggers
SELECT id, properties::text FROM profiles_event WHERE id = ANY(%(events)s::bigint[])

-- name: trigger_names
SELECT id, name FROM profiles_event WHERE id = ANY(%(events)s::bigint[])

-- name: happened
-- LATERAL … LIMIT 1 keeps it one index probe per person; EXISTS in a CASE would scan the events.
SELECT q.n, found.occurred_at
FROM unnest(%(profile)s::bigint[], %(name)s::text[], %(since)s::timestamptz[])
    WITH ORDINALITY AS q (profile_id, name, since, n)
CROSS JOIN LATERAL (
    SELECT e.occurred_at FROM profiles_event AS e
    WHERE e.profile_id = q.profile_id AND e.name = q.name AND e.occurred_at > q.since
    ORDER BY e.occurred_at LIMIT 1
) AS found

-- name: happened_where
-- The properties are judged in Python, by the same code as everywhere else.
SELECT q.n, e.occurred_at, e.properties::text
FROM unnest(%(profile)s::bigint[], %(name)s::text[], %(since)s::timestamptz[])
    WITH ORDINALITY AS q (profile_id, name, since, n)
JOIN profiles_event AS e ON e.profile_id = q.profile_id AND e.name = q.name AND e.occurred_at > q.since
ORDER BY q.n, e.occurred_at, e.id

-- name: engagement
-- The last message that the send node made for this enrollment. A node has the same key in every version, and people
-- are moved between versions.
SELECT q.n, found.state, found.sent_at, found.opened_at, found.clicked_at, found.human_opened_at, found.human_clicked_at
FROM unnest(%(enrollment)s::bigint[], %(key)s::text[]) WITH ORDINALITY AS q (enrollment_id, key, n)
CROSS JOIN LATERAL (
    SELECT m.state, m.sent_at, m.opened_at, m.clicked_at, m.human_opened_at, m.human_clicked_at
    FROM journeys_message AS m
    JOIN journeys_node AS k ON k.id = m.node_id AND k.key = q.key
    WHERE m.enrollment_id = q.enrollment_id
    ORDER BY m.visit DESC LIMIT 1
) AS found

-- name: answers
-- What came back to the last question of a step (of a given visit, where one is given).
SELECT q.n, found.state = 'answered', found.answered_at, found.result, found.answer::text, found.status
FROM unnest(%(enrollment)s::bigint[], %(key)s::text[], %(visit)s::int[]) WITH ORDINALITY
    AS q (enrollment_id, key, visit, n)
CROSS JOIN LATERAL (
    SELECT r.state, r.answered_at, r.result, r.answer, r.status FROM journeys_request AS r
    WHERE r.enrollment_id = q.enrollment_id AND r.node_key = q.key AND r.visit = COALESCE(q.visit, r.visit)
    ORDER BY r.visit DESC LIMIT 1
) AS found
WHERE found.state IN ('answered', 'failed')
