-- What came true after a branch had been taken the other way.

-- name: late
-- The branch looked at the last message that the sending step had made before it, and nothing else. A step has the same
-- key in every version, and people are moved between versions: the drawing that they follow now says what it means.
WITH told AS (
    SELECT * FROM unnest(
        %(message)s::bigint[], %(kind)s::text[], %(key)s::text[], %(at)s::timestamptz[], %(machine)s::boolean[]
    ) AS t (message_id, kind, key, at, machine)
), branches AS (
    SELECT * FROM unnest(
        %(node)s::bigint[], %(node_kind)s::text[], %(node_key)s::text[], %(send_key)s::text[], %(port)s::text[],
        %(by_people)s::boolean[], %(cancels)s::text[]
    ) AS b (node_id, kind, key, send_key, port, by_people, cancels)
), late AS (
    INSERT INTO journeys_latetruth (enrollment_id, node_id, visit, at, cancels)
    SELECT DISTINCT ON (s.enrollment_id, s.visit)
           s.enrollment_id, s.node_id, s.visit, t.at, ARRAY(SELECT json_array_elements_text(b.cancels::json))
    FROM told AS t
    JOIN journeys_message AS m ON m.id = t.message_id
    JOIN journeys_node AS k ON k.id = m.node_id
    JOIN journeys_enrollment AS e ON e.id = m.enrollment_id
    JOIN branches AS b ON b.kind = t.kind AND b.key = t.key AND b.send_key = k.key
    JOIN journeys_node AS here ON here.id = b.node_id AND here.version_id = e.version_id
    JOIN journeys_step AS s ON s.enrollment_id = m.enrollment_id AND s.visit > m.visit AND s.port = b.port
    JOIN journeys_node AS was ON was.id = s.node_id AND was.key = here.key
    WHERE NOT (t.machine AND b.by_people) AND NOT EXISTS (
        SELECT FROM journeys_message AS newer
        JOIN journeys_node AS again ON again.id = newer.node_id AND again.key = k.key
        WHERE newer.enrollment_id = m.enrollment_id AND newer.visit > m.visit AND newer.visit < s.visit
    )
    ORDER BY s.enrollment_id, s.visit, t.at
    ON CONFLICT DO NOTHING
    RETURNING enrollment_id, node_id
)
SELECT n.version_id, late.node_id FROM late JOIN journeys_node AS n ON n.id = late.node_id
