-- name: per_card
-- Sums of all tallies of a journey by card: the same card has the same key in every version.
SELECT n.key, t.metric, sum(t.count)::bigint AS count
FROM journeys_tally t
JOIN journeys_node n ON n.id = t.node_id
JOIN journeys_version v ON v.id = t.version_id
WHERE v.journey_id = %(journey)s AND (%(number)s::int IS NULL OR v.number = %(number)s)
GROUP BY n.key, t.metric

-- name: waiting
-- When the next people leave each card by the clock, and how many should have left already.
SELECT n.key, min(e.due_at) FILTER (WHERE e.due_at > %(now)s) AS next_at,
       count(*) FILTER (WHERE e.due_at < %(now)s - interval '1 minute' AND j.state = 'live') AS overdue
FROM journeys_version v
JOIN journeys_journey j ON j.id = v.journey_id
JOIN journeys_node n ON n.version_id = v.id
JOIN journeys_enrollment e ON e.node_id = n.id AND e.state = 1
WHERE v.journey_id = %(journey)s AND (%(number)s::int IS NULL OR v.number = %(number)s) AND e.due_at IS NOT NULL
GROUP BY n.key
