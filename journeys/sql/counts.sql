-- name: per_card
-- Sums of all tallies of a journey by card: the same card has the same key in every version. Summed by node first, so
-- that the long past is joined with nothing.
WITH counted AS (
    SELECT t.node_id, t.metric, sum(t.count)::bigint AS count
    FROM journeys_tally t
    WHERE t.version_id = ANY(ARRAY(
        SELECT id FROM journeys_version
        WHERE journey_id = %(journey)s AND (%(number)s::bigint IS NULL OR number = %(number)s)
    ))
    GROUP BY t.node_id, t.metric
)
SELECT n.key, c.metric, sum(c.count)::bigint AS count
FROM counted c
JOIN journeys_node n ON n.id = c.node_id
GROUP BY n.key, c.metric

-- name: waiting
-- When the next people leave each card by the clock, and how many should have left already: two looks into an index for
-- each card, however many wait there.
SELECT n.key, min(soon.due_at) AS next_at, sum(past.overdue)::bigint AS overdue
FROM journeys_version v
JOIN journeys_journey j ON j.id = v.journey_id
JOIN journeys_node n ON n.version_id = v.id
LEFT JOIN LATERAL (
    SELECT e.due_at FROM journeys_enrollment e
    WHERE e.node_id = n.id AND e.state = 1 AND e.due_at > %(now)s
    ORDER BY e.due_at LIMIT 1
) AS soon ON TRUE
CROSS JOIN LATERAL (
    SELECT count(*) AS overdue FROM journeys_enrollment e
    WHERE e.node_id = n.id AND e.state = 1 AND e.due_at < %(now)s - interval '1 minute' AND j.state = 'live'
) AS past
WHERE v.journey_id = %(journey)s AND (%(number)s::bigint IS NULL OR v.number = %(number)s)
GROUP BY n.key
HAVING min(soon.due_at) IS NOT NULL OR sum(past.overdue) > 0
