-- What questions about messages and journeys read. Who was merged away counts for the survivor.

-- name: messages_to
SELECT p.id, m.template_id, m.journey_id, m.channel,
       m.bounced_at, m.clicked_at, m.complained_at, m.delivered_at, m.human_clicked_at, m.human_opened_at, m.opened_at,
       m.replied_at, m.sent_at, m.unsubscribed_at
FROM (
    SELECT unnest(%(profiles)s::bigint[]) AS id, unnest(%(profiles)s::bigint[]) AS holder
    UNION ALL
    SELECT s.merged_into_id, s.id FROM profiles_profile s WHERE s.merged_into_id = ANY(%(profiles)s::bigint[])
) p
JOIN journeys_message m ON m.profile_id = p.holder
WHERE m.enrollment_id IS NOT NULL
  AND GREATEST(m.bounced_at, m.clicked_at, m.complained_at, m.delivered_at, m.human_clicked_at, m.human_opened_at,
               m.opened_at, m.replied_at, m.sent_at, m.unsubscribed_at) > %(since)s

-- name: passages_of
SELECT p.id, e.journey_id, e.state, e.entered_at, e.ended_at, e.converted_at
FROM (
    SELECT unnest(%(profiles)s::bigint[]) AS id, unnest(%(profiles)s::bigint[]) AS holder
    UNION ALL
    SELECT s.merged_into_id, s.id FROM profiles_profile s WHERE s.merged_into_id = ANY(%(profiles)s::bigint[])
) p
JOIN journeys_enrollment e ON e.profile_id = p.holder
WHERE e.journey_id = ANY(%(journeys)s::bigint[])

-- name: crossed_messages
-- Messages whose age passed the edge of a period: narrow ranges of a BRIN index.
SELECT DISTINCT w.segment_id, COALESCE(s.merged_into_id, m.profile_id)
FROM unnest(%(segments)s::bigint[], %(after)s::timestamptz[], %(until)s::timestamptz[]) w (segment_id, after, until)
CROSS JOIN LATERAL (
    SELECT m.profile_id FROM journeys_message m WHERE m.sent_at > w.after AND m.sent_at <= w.until OFFSET 0
) m
LEFT JOIN profiles_profile s ON s.id = m.profile_id AND s.merged_into_id IS NOT NULL

-- name: crossed_passages
-- Passages through a journey whose beginning, end or conversion (`what`) passed the edge of a period.
SELECT DISTINCT w.segment_id, COALESCE(s.merged_into_id, e.profile_id)
FROM unnest(%(segments)s::bigint[], %(journeys)s::bigint[], %(what)s::text[], %(after)s::timestamptz[],
            %(until)s::timestamptz[]) w (segment_id, journey, what, after, until)
CROSS JOIN LATERAL (
    SELECT e.profile_id FROM journeys_enrollment e
    WHERE w.what = 'entered_at' AND e.journey_id = w.journey AND e.entered_at > w.after AND e.entered_at <= w.until
    UNION ALL
    SELECT e.profile_id FROM journeys_enrollment e
    WHERE w.what = 'ended_at' AND e.journey_id = w.journey AND e.ended_at > w.after AND e.ended_at <= w.until
    UNION ALL
    SELECT e.profile_id FROM journeys_enrollment e
    WHERE w.what = 'converted_at' AND e.journey_id = w.journey AND e.converted_at > w.after
      AND e.converted_at <= w.until
) e
LEFT JOIN profiles_profile s ON s.id = e.profile_id AND s.merged_into_id IS NOT NULL
