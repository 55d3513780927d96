-- name: versions
-- Versions that hear of changes, and whether people may come in now.
SELECT v.id, j.state = 'live' AND j.live_id = v.id
FROM journeys_version AS v
JOIN journeys_journey AS j ON j.id = v.journey_id
WHERE v.id IN (SELECT substr(owner, 9)::bigint FROM profiles_interest WHERE consumer = 'journeys')
ORDER BY v.id

-- name: lock_shards
-- One worker at a time handles the changes of a profile, so that they are handled in order.
SELECT s FROM generate_series(0, 15) AS s WHERE pg_try_advisory_xact_lock(20260302, s)

-- name: hold_shards
-- Wait for whoever handles changes of these profiles.
SELECT pg_advisory_xact_lock(20260302, s.shard)
FROM (SELECT DISTINCT (p.id %% 16)::int AS shard FROM unnest(%(profiles)s::bigint[]) AS p (id) ORDER BY shard) AS s

-- name: take
-- A merge leaves rows that are just being taken alone; should their taker die, the signpost leads to who remained.
-- Materialized, so that it is asked once; else it may be asked again for each row, and then takes more than the limit.
WITH due AS MATERIALIZED (
    SELECT id FROM profiles_change
    WHERE consumer = 'journeys' AND profile_id %% 16 = ANY(%(shards)s)
    ORDER BY id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
),
taken AS (
    DELETE FROM profiles_change
    WHERE id IN (SELECT id FROM due)
    RETURNING id, profile_id, kind, key, event_id, at, data
)
SELECT t.id, COALESCE(p.merged_into_id, t.profile_id), t.kind, t.key, t.event_id, t.at, t.data::text
FROM taken AS t
LEFT JOIN LATERAL (SELECT merged_into_id FROM profiles_profile WHERE id = t.profile_id OFFSET 0) AS p ON TRUE
ORDER BY t.id

-- name: chains
-- What journeys have written down among these events.
SELECT id, (context ->> 'chain')::int FROM profiles_event
WHERE id = ANY(%(events)s::bigint[]) AND kind = 'journey'

-- name: set_aside
UPDATE profiles_change SET consumer = %(aside)s WHERE id = %(id)s AND consumer = 'journeys'

-- name: try_again
UPDATE profiles_change SET consumer = 'journeys' WHERE consumer = %(aside)s

-- name: wake
-- First lock everything these people have in a listening version, also what a runner is moving at this moment:
-- after its commit the row may stand at the listening node, with facts loaded before the change.
WITH woken AS MATERIALIZED (
    SELECT e.id, e.node_id, e.due_at, w.kind, w.key
    FROM unnest(%(profile)s::bigint[], %(kind)s::text[], %(key)s::text[]) AS w (profile_id, kind, key)
    JOIN unnest(%(listening)s::bigint[], %(listening_kind)s::text[], %(listening_key)s::text[])
        AS l (version_id, kind, key) ON l.kind = w.kind AND l.key = w.key
    JOIN journeys_enrollment AS e ON e.profile_id = w.profile_id AND e.version_id = l.version_id AND e.state = 1
    FOR UPDATE OF e
)
UPDATE journeys_enrollment AS e SET due_at = %(now)s
FROM woken
JOIN unnest(%(node)s::bigint[], %(node_kind)s::text[], %(node_key)s::text[]) AS n (node_id, kind, key)
    ON n.node_id = woken.node_id AND n.kind = woken.kind AND n.key = woken.key
WHERE e.id = woken.id AND e.state = 1 AND (e.due_at IS NULL OR e.due_at > %(now)s)

-- name: wake_joined
-- The same for people who were joined or taken apart, wherever they wait for something.
WITH woken AS MATERIALIZED (
    SELECT e.id, e.node_id FROM journeys_enrollment AS e
    WHERE e.profile_id = ANY(%(people)s::bigint[]) AND e.version_id = ANY(%(versions)s::bigint[]) AND e.state = 1
    FOR UPDATE OF e
)
UPDATE journeys_enrollment AS e SET due_at = %(now)s
FROM woken
WHERE e.id = woken.id AND woken.node_id = ANY(%(nodes)s::bigint[]) AND (e.due_at IS NULL OR e.due_at > %(now)s)

-- name: convert
-- The first such event inside the window, of people who came in before it; their own trigger does not count.
WITH reached AS MATERIALIZED (
    SELECT e.id, e.journey_id, e.version_id, g.at, g.exits
    FROM unnest(
        %(profile)s::bigint[], %(version)s::bigint[], %(at)s::timestamptz[], %(window)s::interval[],
        %(exits)s::boolean[], %(event)s::bigint[]
    ) AS g (profile_id, version_id, at, span, exits, event_id)
    JOIN journeys_enrollment AS e ON e.profile_id = g.profile_id AND e.version_id = g.version_id
    WHERE e.converted_at IS NULL AND g.at > e.entered_at AND g.at <= e.entered_at + g.span
        AND e.trigger_event_id IS DISTINCT FROM g.event_id
    FOR UPDATE OF e
), first AS (
    SELECT id, min(at) AS at, bool_or(exits) AS exits FROM reached GROUP BY id
)
UPDATE journeys_enrollment AS e
SET converted_at = first.at,
    ended_at = CASE WHEN first.exits AND e.state = 1 THEN %(now)s ELSE e.ended_at END,
    due_at = CASE WHEN first.exits AND e.state = 1 THEN NULL ELSE e.due_at END,
    reason = CASE WHEN first.exits AND e.state = 1 THEN %(reason)s ELSE e.reason END,
    state = CASE WHEN first.exits AND e.state = 1 THEN 3 ELSE e.state END
FROM first
WHERE e.id = first.id AND e.converted_at IS NULL
RETURNING e.version_id, e.state = 3 AND e.ended_at = %(now)s AND e.reason = %(reason)s, e.profile_id, e.journey_id, e.id,
    e.node_id

-- name: on_the_way
-- The steps that people had come to when they reached the goal.
SELECT w.journey_id, n.version_id, w.node_id, count(*)
FROM (
    SELECT e.id, e.journey_id, s.node_id
    FROM journeys_enrollment AS e
    JOIN journeys_step AS s ON s.enrollment_id = e.id AND s.entered_at <= e.converted_at
    WHERE e.id = ANY(%(enrollments)s::bigint[])
    UNION
    SELECT id, journey_id, node_id FROM journeys_enrollment
    WHERE id = ANY(%(enrollments)s::bigint[]) AND node_entered_at <= converted_at
) AS w
JOIN journeys_node AS n ON n.id = w.node_id
GROUP BY w.journey_id, n.version_id, w.node_id

-- name: leave
-- People who were inside before it happened. Whoever moves one of them at this moment is waited for.
WITH leaving AS MATERIALIZED (
    SELECT e.id, g.reason, g.n
    FROM unnest(
        %(profile)s::bigint[], %(version)s::bigint[], %(at)s::timestamptz[], %(event)s::bigint[], %(reason)s::text[]
    ) WITH ORDINALITY AS g (profile_id, version_id, at, event_id, reason, n)
    JOIN journeys_enrollment AS e ON e.profile_id = g.profile_id AND e.version_id = g.version_id AND e.state = 1
    WHERE g.at > e.entered_at AND (g.event_id IS NULL OR e.trigger_event_id IS DISTINCT FROM g.event_id)
    FOR UPDATE OF e
), first AS (
    SELECT DISTINCT ON (id) id, reason FROM leaving ORDER BY id, n
)
UPDATE journeys_enrollment AS e SET state = 3, reason = first.reason, ended_at = %(now)s, due_at = NULL
FROM first WHERE e.id = first.id AND e.state = 1
RETURNING e.version_id, e.node_id, e.profile_id, e.journey_id

-- name: silent
-- Which of these people say no to every topic, as it counts for messages on this channel.
SELECT a.n FROM unnest(%(profiles)s::bigint[], %(channels)s::text[]) WITH ORDINALITY AS a (profile_id, channel, n)
WHERE NOT EXISTS (
    SELECT FROM profiles_topic AS t
    LEFT JOIN LATERAL (
        SELECT c.subscribed FROM profiles_consent AS c
        WHERE c.profile_id = a.profile_id AND c.topic_id = t.id AND c.channel IN ('', a.channel)
        ORDER BY c.at DESC, c.subscribed
        LIMIT 1
    ) AS said ON TRUE
    WHERE NOT t.transactional AND COALESCE(said.subscribed, t.default_subscribed)
)

-- name: merge_exit
-- Both halves of one person are inside the same journey: the older enrollment goes on. Through a journey that is passed
-- once, who has passed it as the one half does not go as the other.
WITH pairs AS (
    SELECT * FROM unnest(%(loser)s::bigint[], %(survivor)s::bigint[]) AS p (loser, survivor)
), inside AS MATERIALIZED (
    SELECT e.id, e.journey_id, e.entry_key, e.entered_at, e.state, e.due_at, e.profile_id, p.survivor
    FROM pairs AS p
    JOIN journeys_enrollment AS e ON e.profile_id IN (p.loser, p.survivor)
    JOIN journeys_version AS v ON v.id = e.version_id
    WHERE e.state = 1 OR (v.reentry = 'once' AND NOT (e.state = 3 AND e.reason = %(reason)s))
    FOR UPDATE OF e
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY survivor, journey_id, entry_key ORDER BY state = 1, entered_at, id) AS place
    FROM (SELECT DISTINCT * FROM inside) AS once
)
UPDATE journeys_enrollment AS e
SET state = 3, reason = %(reason)s, ended_at = %(now)s, due_at = NULL
FROM ranked
WHERE e.id = ranked.id AND ranked.place > 1 AND ranked.state = 1
RETURNING e.version_id, e.node_id, e.id, ranked.profile_id, ranked.survivor, ranked.due_at

-- name: merge_enrollments
WITH moved AS (
    UPDATE journeys_enrollment AS e SET profile_id = p.survivor
    FROM unnest(%(loser)s::bigint[], %(survivor)s::bigint[]) AS p (loser, survivor)
    WHERE e.profile_id = p.loser
    RETURNING e.id, e.journey_id, p.loser, p.survivor
), steps AS (
    UPDATE journeys_step AS s SET profile_id = moved.survivor FROM moved WHERE s.enrollment_id = moved.id
), requests AS (
    UPDATE journeys_request AS r SET profile_id = moved.survivor FROM moved WHERE r.enrollment_id = moved.id
)
SELECT id, loser, survivor, journey_id FROM moved

-- name: merge_messages
UPDATE journeys_message AS m SET profile_id = p.survivor
FROM unnest(%(loser)s::bigint[], %(survivor)s::bigint[]) AS p (loser, survivor)
WHERE m.profile_id = p.loser
RETURNING m.id, p.loser, p.survivor

-- name: unmerge
-- What moved goes back; so does what waits to be sent for it. What was sent since stays with the survivor.
WITH back AS (
    UPDATE journeys_enrollment SET profile_id = %(loser)s
    WHERE id = ANY(%(enrollments)s::bigint[]) AND profile_id = %(survivor)s
    RETURNING id, journey_id
), steps AS (
    UPDATE journeys_step AS s SET profile_id = %(loser)s FROM back WHERE s.enrollment_id = back.id
), requests AS (
    UPDATE journeys_request AS r SET profile_id = %(loser)s FROM back WHERE r.enrollment_id = back.id
), messages AS (
    UPDATE journeys_message AS m SET profile_id = %(loser)s
    WHERE m.profile_id = %(survivor)s AND (
        m.id = ANY(%(messages)s::bigint[]) OR (m.state = 'pending' AND m.enrollment_id IN (SELECT id FROM back))
    )
)
SELECT DISTINCT journey_id FROM back

-- name: unmerge_exits
-- Who was taken out because somebody else went on is inside again, unless there is a newer enrollment by now.
UPDATE journeys_enrollment AS e
SET state = 1, reason = '', ended_at = NULL, due_at = g.due_at
FROM json_to_recordset(%(exited)s::json) AS g (id bigint, due_at timestamptz)
WHERE e.id = g.id AND e.state = 3 AND e.reason = %(reason)s AND NOT EXISTS (
    SELECT FROM journeys_enrollment AS o
    WHERE o.journey_id = e.journey_id AND o.profile_id = e.profile_id AND o.entry_key = e.entry_key AND o.state = 1
)
RETURNING e.version_id, e.node_id
