-- What a publication does with the people who are inside.

-- name: hold
-- Nobody handles changes of profiles meanwhile: the inbox waits for whoever is first, we for whoever is at it.
SELECT pg_advisory_xact_lock(20260302, s) FROM generate_series(0, 15) AS s

-- name: lock
-- Whom a runner moves at this moment is waited for, so that the next statement sees where they have come to.
SELECT count(*) FROM (
    SELECT FROM journeys_enrollment WHERE version_id = ANY(%(versions)s::bigint[]) AND state = 1 ORDER BY id FOR UPDATE
) AS held

-- name: standing
SELECT version_id, node_id, count(*) FROM journeys_enrollment
WHERE version_id = ANY(%(versions)s::bigint[]) AND state = 1
GROUP BY version_id, node_id

-- name: change
-- stay: the wait goes on as it is; retime: the step decides again, from when they came to it; arrive: they come to a
-- step anew; exit: they leave. Everybody is written down as they were.
WITH plan AS MATERIALIZED (
    SELECT * FROM unnest(%(version)s::bigint[], %(node)s::bigint[], %(what)s::text[], %(to)s::bigint[])
        AS p (version_id, node_id, what, to_node_id)
), standing AS MATERIALIZED (
    SELECT e.id, e.profile_id, e.version_id, e.node_id, e.visit, e.state, e.due_at, e.entered_at, e.node_entered_at,
        e.ended_at, e.reason, p.what, p.to_node_id, p.what = 'exit' AS leaves, (p.what = 'arrive')::int AS further
    FROM plan AS p
    JOIN journeys_enrollment AS e ON e.version_id = p.version_id AND e.node_id = p.node_id AND e.state = 1
), noted AS (
    INSERT INTO journeys_moved (
        publication_id, enrollment_id, version_id, node_id, visit, state, due_at, node_entered_at, ended_at, reason,
        to_version_id, to_node_id, to_visit, to_state
    )
    SELECT %(publication)s, id, version_id, node_id, visit, state, due_at, node_entered_at, ended_at, reason,
        CASE WHEN leaves THEN version_id ELSE %(target)s END, CASE WHEN leaves THEN node_id ELSE to_node_id END,
        visit + further, CASE WHEN leaves THEN 3 ELSE 1 END
    FROM standing
), passed AS (
    INSERT INTO journeys_step (
        enrollment_id, profile_id, node_id, visit, entered_at, left_at, port, outcome, facts
    )
    SELECT id, profile_id, node_id, visit, node_entered_at, %(now)s, '', 'moved', NULL
    FROM standing WHERE what = 'arrive'
), changed AS (
    UPDATE journeys_enrollment AS e
    SET version_id = CASE WHEN s.leaves THEN e.version_id ELSE %(target)s END,
        node_id = CASE WHEN s.leaves THEN e.node_id ELSE s.to_node_id END,
        visit = e.visit + s.further,
        node_entered_at = CASE WHEN s.what = 'arrive' THEN %(now)s ELSE e.node_entered_at END,
        due_at = CASE WHEN s.leaves THEN NULL WHEN s.what = 'stay' THEN e.due_at ELSE %(now)s END,
        state = CASE WHEN s.leaves THEN 3 ELSE 1 END,
        ended_at = CASE WHEN s.leaves THEN %(now)s END,
        reason = CASE WHEN s.leaves THEN %(reason)s ELSE '' END
    FROM standing AS s
    WHERE e.id = s.id
)
SELECT version_id, node_id, what, to_node_id, count(*), array_agg(profile_id) FILTER (WHERE leaves)
FROM standing
GROUP BY version_id, node_id, what, to_node_id

-- name: restore
-- Whoever still stands where the publication put them is where they were, as if nothing had been; also who was taken
-- out by it, unless they have come in again since.
WITH found AS MATERIALIZED (
    SELECT e.id, e.profile_id, e.version_id AS from_version_id, e.node_id AS from_node_id, e.visit AS from_visit,
        e.state AS from_state, e.due_at AS from_due_at, e.node_entered_at AS from_node_entered_at,
        e.ended_at AS from_ended_at, e.reason AS from_reason, m.version_id, m.node_id, m.visit, m.state, m.due_at,
        m.node_entered_at, m.ended_at, m.reason,
        row_number() OVER (PARTITION BY e.profile_id, e.entry_key, m.state ORDER BY e.state, e.entered_at, e.id) AS place
    FROM journeys_moved AS m
    JOIN journeys_enrollment AS e ON e.id = m.enrollment_id
    WHERE m.publication_id = %(undone)s AND e.version_id = m.to_version_id AND e.node_id = m.to_node_id
        AND e.visit = m.to_visit AND e.state = m.to_state AND e.profile_id <> 0
        AND (e.state = 1 OR m.state <> 1 OR NOT EXISTS (
            SELECT FROM journeys_enrollment AS o
            WHERE o.journey_id = e.journey_id AND o.profile_id = e.profile_id AND o.entry_key = e.entry_key
                AND o.state = 1
        ))
), back AS MATERIALIZED (
    SELECT * FROM found WHERE from_state = 1 OR state <> 1 OR place = 1
), noted AS (
    INSERT INTO journeys_moved (
        publication_id, enrollment_id, version_id, node_id, visit, state, due_at, node_entered_at, ended_at, reason,
        to_version_id, to_node_id, to_visit, to_state
    )
    SELECT %(publication)s, id, from_version_id, from_node_id, from_visit, from_state, from_due_at,
        from_node_entered_at, from_ended_at, from_reason, version_id, node_id, visit, state
    FROM back
), unwritten AS (
    DELETE FROM journeys_step AS s USING back
    WHERE s.enrollment_id = back.id AND s.visit = back.visit AND s.outcome = 'moved'
), changed AS (
    UPDATE journeys_enrollment AS e
    SET version_id = b.version_id, node_id = b.node_id, visit = b.visit, state = b.state, due_at = b.due_at,
        node_entered_at = b.node_entered_at, ended_at = b.ended_at, reason = b.reason
    FROM back AS b
    WHERE e.id = b.id
)
SELECT from_version_id, from_node_id, version_id, node_id, from_state, state, count(*),
    array_agg(profile_id) FILTER (WHERE from_state <> state)
FROM back
GROUP BY from_version_id, from_node_id, version_id, node_id, from_state, state

-- name: once
-- The first of several rows of somebody says where they stood, the last where they stand.
WITH several AS (
    SELECT enrollment_id, min(id) AS first, max(id) AS last FROM journeys_moved
    WHERE publication_id = %(publication)s
    GROUP BY enrollment_id HAVING count(*) > 1
), joined AS (
    UPDATE journeys_moved AS m
    SET to_version_id = l.to_version_id, to_node_id = l.to_node_id, to_visit = l.to_visit, to_state = l.to_state
    FROM several AS s JOIN journeys_moved AS l ON l.id = s.last
    WHERE m.id = s.first
)
DELETE FROM journeys_moved AS m USING several AS s
WHERE m.publication_id = %(publication)s AND m.enrollment_id = s.enrollment_id AND m.id <> s.first

-- name: returning
SELECT count(DISTINCT e.id) FROM journeys_moved AS m
JOIN journeys_enrollment AS e ON e.id = m.enrollment_id
WHERE m.publication_id = ANY(%(undone)s::bigint[]) AND e.version_id = m.to_version_id AND e.node_id = m.to_node_id
    AND e.visit = m.to_visit AND e.state = m.to_state AND e.profile_id <> 0
    AND (e.state = 1 OR m.state <> 1 OR NOT EXISTS (
        SELECT FROM journeys_enrollment AS o
        WHERE o.journey_id = e.journey_id AND o.profile_id = e.profile_id AND o.entry_key = e.entry_key AND o.state = 1
    ))

-- name: others
SELECT count(*) FROM journeys_enrollment AS e
WHERE e.version_id = ANY(%(versions)s::bigint[]) AND e.state = 1 AND NOT EXISTS (
    SELECT FROM journeys_moved AS m
    WHERE m.publication_id = ANY(%(undone)s::bigint[]) AND m.enrollment_id = e.id AND m.to_version_id = e.version_id
        AND m.to_node_id = e.node_id AND m.to_visit = e.visit
)

-- name: forget
DELETE FROM journeys_moved WHERE publication_id IN (
    SELECT id FROM journeys_publication WHERE journey_id = %(journey)s ORDER BY id DESC OFFSET %(kept)s
)
