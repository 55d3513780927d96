-- Lines of one person's timeline, newest first, behind (at, id). An empty text is no search.

-- name: messages
-- `letter` is the copy of what was handed over.
SELECT m.id, COALESCE(m.sent_at, m.created_at) AS at, m.state, m.channel, m.reason, COALESCE(t.name, ''),
       COALESCE(j.name, ''), d.id
FROM journeys_message m
LEFT JOIN journeys_template t ON t.id = m.template_id
LEFT JOIN journeys_journey j ON j.id = m.journey_id
LEFT JOIN LATERAL (
    SELECT id, rendered FROM journeys_delivery WHERE message_id = m.id AND rendered IS NOT NULL ORDER BY id DESC LIMIT 1
) d ON TRUE
WHERE m.profile_id = %(profile)s AND (COALESCE(m.sent_at, m.created_at), m.id) < (%(at)s::timestamptz, %(id)s)
  AND (%(text)s = '' OR t.name ILIKE %(text)s OR j.name ILIKE %(text)s
       OR d.rendered ->> 'subject' ILIKE %(text)s OR d.rendered ->> 'text' ILIKE %(text)s)
ORDER BY at DESC, m.id DESC
LIMIT %(limit)s

-- name: passages
-- Coming in, leaving and reaching the goal, each a line: four times the enrollment's number, and which of the three.
SELECT 4 * e.id + w.what, w.at, w.what, e.state, e.reason, e.journey_id, COALESCE(j.name, '')
FROM journeys_enrollment e
LEFT JOIN journeys_journey j ON j.id = e.journey_id
CROSS JOIN LATERAL (
    VALUES (0, e.entered_at), (1, e.converted_at), (2, e.ended_at)
) AS w (what, at)
WHERE e.profile_id = %(profile)s AND w.at IS NOT NULL AND (w.at, 4 * e.id + w.what) < (%(at)s::timestamptz, %(id)s)
  AND (%(text)s = '' OR j.name ILIKE %(text)s)
ORDER BY w.at DESC, 1 DESC
LIMIT %(limit)s

-- name: steps
-- What was decided on the way; coming in (the first visit) and a step that made a message show as such.
SELECT s.id, s.left_at, s.node_id, s.port, s.outcome, s.facts, e.version_id, COALESCE(j.name, '')
FROM journeys_enrollment e
JOIN journeys_step s ON s.enrollment_id = e.id
LEFT JOIN journeys_journey j ON j.id = e.journey_id
WHERE e.profile_id = %(profile)s AND s.visit > 1 AND s.outcome NOT IN ('send', 'exit')
  AND (s.left_at, s.id) < (%(at)s::timestamptz, %(id)s)
  AND (%(text)s = '' OR j.name ILIKE %(text)s)
ORDER BY s.left_at DESC, s.id DESC
LIMIT %(limit)s
