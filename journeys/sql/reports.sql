-- name: sums
-- All sums of a report in one pass over the tallies of two periods. `axis` says which grouping a row belongs to:
-- days of the workspace's zone, journeys, channels, nodes, or everything together. "opened_of" and the like are the
-- messages of which it can be known: those delivered by a channel (`channels`) that tells (`told`).
WITH counted AS (
    SELECT quarter >= %(start)s AS is_current, timezone(%(zone)s, quarter)::date AS day,
           journey_id, channel, node_id, split_part(metric, ':', 1) AS metric, count
    FROM journeys_tally
    WHERE quarter >= %(before)s AND quarter < %(end)s
      AND (metric = ANY(%(metrics)s) OR metric LIKE 'skipped:%%')
), known AS (
    SELECT * FROM counted
    UNION ALL
    SELECT c.is_current, c.day, c.journey_id, c.channel, c.node_id, k.told || '_of', c.count
    FROM counted c JOIN unnest(%(told)s::text[], %(channels)s::text[]) k (told, channel) USING (channel)
    WHERE c.metric = 'delivered'
)
SELECT is_current,
       CASE
           WHEN GROUPING(day) = 0 THEN 'day'
           WHEN GROUPING(journey_id) = 0 THEN 'journey'
           WHEN GROUPING(channel) = 0 THEN 'channel'
           WHEN GROUPING(node_id) = 0 THEN 'node'
           ELSE 'all'
       END AS axis,
       COALESCE(day::text, journey_id::text, channel, node_id::text, '') AS key,
       metric,
       sum(count)::bigint AS total
FROM known
GROUP BY GROUPING SETS (
    (is_current, metric, day), (is_current, metric, journey_id), (is_current, metric, channel),
    (is_current, metric, node_id), (is_current, metric)
);

-- name: inside
-- People inside now, by journey, from the partial index over active enrollments.
SELECT journey_id, count(*) FROM journeys_enrollment WHERE state = 1 GROUP BY journey_id;

-- name: waiting
-- Messages that should have left a while ago, by channel.
SELECT channel, count(*), min(due_at)
FROM journeys_message
WHERE state = 'pending' AND due_at < %(since)s
GROUP BY channel
ORDER BY channel;

-- name: trouble
-- Messages that a provider refused or whose fate is unknown, by channel, with the commonest reason.
SELECT state, channel, count(*), mode() WITHIN GROUP (ORDER BY reason)
FROM journeys_message
WHERE state IN ('failed', 'unknown') AND created_at >= %(since)s
GROUP BY state, channel
ORDER BY state, channel;

-- name: funnel
-- How far the people came who entered in the period: one row of counts of people, not of messages.
WITH entered AS MATERIALIZED (
    SELECT id, profile_id, converted_at
    FROM journeys_enrollment
    WHERE journey_id = %(journey)s AND entered_at >= %(start)s AND entered_at < %(end)s
), reached AS (
    SELECT e.id,
           bool_or(m.sent_at IS NOT NULL) AS sent,
           bool_or(m.opened_at IS NOT NULL OR m.clicked_at IS NOT NULL) AS opened,
           bool_or(m.clicked_at IS NOT NULL) AS clicked
    FROM entered e
    JOIN journeys_message m ON m.enrollment_id = e.id
    GROUP BY e.id
)
SELECT count(*) AS entered,
       count(*) FILTER (WHERE r.sent) AS sent,
       count(*) FILTER (WHERE r.opened) AS opened,
       count(*) FILTER (WHERE r.clicked) AS clicked,
       count(*) FILTER (WHERE e.converted_at IS NOT NULL) AS converted
FROM entered e
LEFT JOIN reached r ON r.id = e.id;

-- name: node_sums
-- What happened at each node of a journey in a period; nodes of different versions with one key are one step.
SELECT n.key, t.metric, sum(t.count)::bigint
FROM journeys_tally t
JOIN journeys_node n ON n.id = t.node_id
WHERE t.journey_id = %(journey)s AND t.quarter >= %(start)s AND t.quarter < %(end)s
GROUP BY n.key, t.metric;

-- name: here
-- Who waits at each node of a journey now, and when the next of them moves on.
SELECT n.key, count(*), min(e.due_at)
FROM journeys_enrollment e
JOIN journeys_node n ON n.id = e.node_id
WHERE e.state = 1 AND e.journey_id = %(journey)s
GROUP BY n.key;

-- name: skips
-- Why messages of a journey were not sent.
SELECT substr(metric, 9), sum(count)::bigint
FROM journeys_tally
WHERE journey_id = %(journey)s AND quarter >= %(start)s AND quarter < %(end)s AND metric LIKE 'skipped:%%'
GROUP BY metric
ORDER BY 2 DESC, 1;

-- name: compact
-- Merge the tallies of quarter hours that are over into one row per counter. One statement: readers see all or nothing.
-- Rows are found again by their place: by their columns it took time squared where the planner thought the table small.
WITH gone AS (
    DELETE FROM journeys_tally t
    USING (
        SELECT ctid AS place, count(*) OVER (PARTITION BY journey_id, version_id, node_id, channel, metric, quarter) AS n
        FROM journeys_tally
        WHERE quarter < %(until)s
    ) counted
    WHERE t.ctid = counted.place AND counted.n > 1
    RETURNING t.journey_id, t.version_id, t.node_id, t.channel, t.metric, t.quarter, t.count
)
INSERT INTO journeys_tally (journey_id, version_id, node_id, channel, metric, quarter, count)
SELECT journey_id, version_id, node_id, channel, metric, quarter, sum(count)
FROM gone
GROUP BY journey_id, version_id, node_id, channel, metric, quarter;

-- name: compact_days
-- What is older lies at noon of its day: reports are about whole days, and noon stays within the same day of any zone
-- that the workspace may move to.
WITH gone AS (
    DELETE FROM journeys_tally
    WHERE quarter < %(before)s
      AND quarter <> timezone(%(zone)s, date_trunc('day', timezone(%(zone)s, quarter)) + interval '12 hours')
    RETURNING journeys_tally.*
)
INSERT INTO journeys_tally (journey_id, version_id, node_id, channel, metric, quarter, count)
SELECT journey_id, version_id, node_id, channel, metric,
       timezone(%(zone)s, date_trunc('day', timezone(%(zone)s, quarter)) + interval '12 hours'), sum(count)
FROM gone
GROUP BY 1, 2, 3, 4, 5, 6;
