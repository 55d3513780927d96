-- People at a step, moved by somebody's hand.

-- name: lock
SELECT count(*) FROM (
    SELECT FROM journeys_enrollment
    WHERE id = ANY(%(ids)s::bigint[]) AND journey_id = %(journey)s AND state = 1 ORDER BY id FOR UPDATE
) AS held

-- name: nodes
SELECT DISTINCT version_id, node_id FROM journeys_enrollment
WHERE id = ANY(%(ids)s::bigint[]) AND journey_id = %(journey)s AND state = 1

-- name: act
-- Who has gone on meanwhile stands at another node and is left alone. Without a node to go to it is over for them.
WITH plan AS MATERIALIZED (
    SELECT * FROM unnest(
        %(version)s::bigint[], %(node)s::bigint[], %(to_version)s::bigint[], %(to_node)s::bigint[]
    ) AS p (version_id, node_id, to_version_id, to_node_id)
), standing AS MATERIALIZED (
    SELECT e.id, e.profile_id, e.version_id, e.node_id, e.visit, e.node_entered_at, p.to_version_id, p.to_node_id
    FROM journeys_enrollment AS e
    JOIN plan AS p ON p.version_id = e.version_id AND p.node_id = e.node_id
    WHERE e.id = ANY(%(ids)s::bigint[]) AND e.state = 1
), passed AS (
    INSERT INTO journeys_step (enrollment_id, profile_id, node_id, visit, entered_at, left_at, port, outcome, facts)
    SELECT id, profile_id, node_id, visit, node_entered_at, %(now)s, %(port)s, %(outcome)s, NULL FROM standing
), changed AS (
    UPDATE journeys_enrollment AS e
    SET version_id = COALESCE(s.to_version_id, e.version_id), node_id = COALESCE(s.to_node_id, e.node_id),
        visit = e.visit + (s.to_node_id IS NOT NULL)::int,
        node_entered_at = CASE WHEN s.to_node_id IS NULL THEN e.node_entered_at ELSE %(now)s END,
        due_at = CASE WHEN s.to_node_id IS NULL THEN NULL ELSE %(now)s END,
        state = CASE WHEN s.to_node_id IS NULL THEN %(over)s ELSE 1 END,
        ended_at = CASE WHEN s.to_node_id IS NULL THEN %(now)s END,
        reason = CASE WHEN s.to_node_id IS NULL THEN %(reason)s ELSE '' END
    FROM standing AS s
    WHERE e.id = s.id
)
SELECT version_id, node_id, to_version_id, to_node_id, count(*), array_agg(profile_id) FROM standing
GROUP BY version_id, node_id, to_version_id, to_node_id
