-- name: claim
-- Pending messages of one channel become ours. A paused journey keeps its messages; SKIP LOCKED lets senders share.
-- Materialized, so that it is asked once; else it may be asked again for each row, and then claims more than the limit.
WITH due AS MATERIALIZED (
    SELECT id FROM journeys_message
    WHERE state = 'pending' AND channel = %(channel)s AND due_at <= %(now)s
      AND (journey_id IS NULL OR journey_id NOT IN (SELECT id FROM journeys_journey WHERE state = 'paused'))
    ORDER BY due_at
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
UPDATE journeys_message AS m
SET state = 'sending', claimed_by = %(sender)s, account_id = %(account)s
WHERE m.id IN (SELECT id FROM due)
RETURNING m.id, m.enrollment_id, m.journey_id, m.version_id, m.node_id, m.profile_id, m.template_id, m.channel,
          m.topic_id, m.trigger_event_id, m.attempts, m.created_at

-- name: claimed
-- The same columns, for messages that a dead sender left in the air, and who was to carry them.
SELECT m.id, m.enrollment_id, m.journey_id, m.version_id, m.node_id, m.profile_id, m.template_id, m.channel,
       m.topic_id, m.trigger_event_id, m.attempts, m.created_at, m.account_id
FROM journeys_message AS m
WHERE m.claimed_by = %(sender)s AND m.state = 'sending'
ORDER BY m.id

-- name: senders
SELECT DISTINCT claimed_by FROM journeys_message WHERE state = 'sending'

-- name: people
-- After a merge the losing row is a signpost to the one that is kept.
SELECT p.id, COALESCE(k.id, p.id), COALESCE(k.attributes, p.attributes)
FROM profiles_profile AS p
LEFT JOIN profiles_profile AS k ON k.id = p.merged_into_id
WHERE p.id = ANY(%(ids)s)

-- name: taken_out
-- Exited from outside (goal, merge, archive, by hand). Who was led to an end by the drawing is "completed" and still
-- gets what was decided on the way.
SELECT id FROM journeys_enrollment WHERE id = ANY(%(ids)s) AND state = 3

-- name: overtaken
-- Made on a way that people would not have been led, had been known what is known now.
SELECT m.id FROM journeys_message AS m
JOIN journeys_latetruth AS l ON l.enrollment_id = m.enrollment_id AND m.visit > l.visit
JOIN journeys_node AS n ON n.id = m.node_id AND n.key = ANY(l.cancels)
WHERE m.id = ANY(%(ids)s)

-- name: twins
-- What the same person is told, or was told, as somebody they were joined with: by the same step of the same journey,
-- in a passage that one person alone could not have had beside this one. "Every time" has an entry key: those are meant.
SELECT m.id
FROM unnest(%(ids)s::bigint[], %(people)s::bigint[]) AS r (id, person)
JOIN journeys_message AS m ON m.id = r.id
JOIN journeys_enrollment AS e ON e.id = m.enrollment_id AND e.entry_key = ''
JOIN journeys_version AS v ON v.id = e.version_id
JOIN journeys_node AS n ON n.id = m.node_id
WHERE EXISTS (SELECT FROM profiles_profile AS p WHERE p.merged_into_id = r.person)
  AND EXISTS (
    SELECT FROM profiles_profile AS p
    JOIN journeys_message AS t ON t.profile_id = p.id
    JOIN journeys_enrollment AS o ON o.id = t.enrollment_id AND o.entry_key = ''
    JOIN journeys_node AS k ON k.id = t.node_id
    WHERE (p.id = r.person OR p.merged_into_id = r.person)
      AND t.journey_id = m.journey_id AND k.key = n.key AND o.id <> e.id
      AND (
          t.state IN ('sent', 'unknown')
          OR (t.state IN ('pending', 'sending') AND (t.created_at, t.id) < (m.created_at, m.id))
      )
      AND (
          v.reentry = 'once'
          OR (
              o.entered_at <= COALESCE(e.ended_at, 'infinity') AND e.entered_at <= COALESCE(o.ended_at, 'infinity')
          )
      )
  )

-- name: consents
-- The latest word of each person on each topic, said for this channel or for every channel.
SELECT DISTINCT ON (profile_id, topic_id) profile_id, topic_id, subscribed
FROM profiles_consent
WHERE profile_id = ANY(%(ids)s) AND topic_id = ANY(%(topics)s) AND channel IN ('', %(channel)s)
ORDER BY profile_id, topic_id, at DESC, subscribed

-- name: suppressed
SELECT address FROM profiles_suppression WHERE kind = %(kind)s AND address = ANY(%(addresses)s)

-- name: triggers
SELECT id, properties FROM profiles_event WHERE id = ANY(%(ids)s)

-- name: settle
-- What became of each message. Only the sender that claimed a message may say so; it may correct an "unknown". A
-- message whose person was erased meanwhile (profile 0) stays a message to nobody, and is not tried again.
UPDATE journeys_message AS m
SET state = CASE WHEN m.profile_id = 0 AND r.state = 'pending' THEN 'skipped' ELSE r.state END,
    reason = CASE WHEN m.profile_id <> 0 THEN r.reason WHEN r.state = 'pending' THEN 'gone' ELSE '' END,
    address = CASE WHEN m.profile_id = 0 THEN '' ELSE r.address END,
    profile_id = CASE WHEN m.profile_id = 0 THEN 0 ELSE r.profile_id END,
    attempts = m.attempts + r.tried, due_at = COALESCE(r.due_at, m.due_at),
    sent_at = COALESCE(r.sent_at, m.sent_at), delivered_at = COALESCE(r.delivered_at, m.delivered_at),
    claimed_by = CASE WHEN r.state = 'unknown' THEN m.claimed_by END
FROM unnest(
    %(ids)s::bigint[], %(states)s::text[], %(reasons)s::text[], %(addresses)s::text[], %(profiles)s::bigint[],
    %(tried)s::smallint[], %(due)s::timestamptz[], %(sent)s::timestamptz[], %(delivered)s::timestamptz[]
) AS r (id, state, reason, address, profile_id, tried, due_at, sent_at, delivered_at)
WHERE m.id = r.id AND m.claimed_by = %(sender)s AND m.state IN ('sending', 'unknown')
RETURNING m.id

-- name: add_deliveries
-- The copies travel as one JSON array: as elements of a text array each of their thousand quotes would be escaped.
INSERT INTO journeys_delivery (message_id, account_id, attempt, state, provider_message_id, error, rendered, at)
SELECT m.id, m.account_id, m.attempts, r.state, CASE WHEN m.profile_id = 0 THEN '' ELSE r.provider_message_id END,
       CASE WHEN m.profile_id = 0 THEN '' ELSE r.error END,
       CASE WHEN m.profile_id = 0 THEN NULL ELSE NULLIF(c.copy::jsonb, 'null') END, %(now)s
FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(theirs)s::text[], %(errors)s::text[])
     WITH ORDINALITY AS r (id, state, provider_message_id, error, place)
JOIN json_array_elements(%(rendered)s::json) WITH ORDINALITY AS c (copy, place) ON c.place = r.place
JOIN journeys_message AS m ON m.id = r.id

-- name: by_provider_id
SELECT d.provider_message_id, d.message_id
FROM journeys_delivery AS d
WHERE d.provider_message_id = ANY(%(ids)s) AND (%(account)s::bigint IS NULL OR d.account_id = %(account)s)

-- name: for_receipts
-- Locked in one order, so that two batches of receipts cannot wait for each other.
SELECT m.id, m.profile_id, m.enrollment_id, m.journey_id, m.version_id, m.node_id, m.template_id, m.channel,
       m.topic_id, m.address, m.state = 'sending', m.sent_at, m.delivered_at, m.opened_at, m.clicked_at, m.bounced_at,
       m.complained_at, m.unsubscribed_at, m.replied_at, m.human_opened_at, m.human_clicked_at, m.probed_at,
       COALESCE(j.name, ''), COALESCE(n.key, ''), COALESCE(t.name, '')
FROM journeys_message AS m
LEFT JOIN journeys_journey AS j ON j.id = m.journey_id
LEFT JOIN journeys_node AS n ON n.id = m.node_id
LEFT JOIN journeys_template AS t ON t.id = m.template_id
WHERE m.id = ANY(%(ids)s)
ORDER BY m.id
FOR UPDATE OF m

-- name: lately
-- Opens and clicks of messages that somebody clicks now: what seemed to be a person may be a scanner.
SELECT q.message_id, e.id, e.occurred_at, COALESCE(e.properties ->> 'url', ''), e.properties ? 'machine'
FROM unnest(%(messages)s::bigint[], %(profiles)s::bigint[], %(since)s::timestamptz[])
    AS q (message_id, profile_id, since)
JOIN profiles_event AS e ON e.profile_id = q.profile_id AND e.name IN ('Message Opened', 'Message Clicked')
    AND e.occurred_at >= q.since AND e.kind = 'message' AND e.properties -> 'message' = to_jsonb(q.message_id)

-- name: by_people
-- The first open and click of each message that is not known to be a machine's.
SELECT q.message_id, e.name, min(e.occurred_at)
FROM unnest(%(messages)s::bigint[], %(profiles)s::bigint[]) AS q (message_id, profile_id)
JOIN profiles_event AS e ON e.profile_id = q.profile_id AND e.name IN ('Message Opened', 'Message Clicked')
    AND e.kind = 'message' AND e.properties -> 'message' = to_jsonb(q.message_id) AND NOT e.properties ? 'machine'
GROUP BY q.message_id, e.name

-- name: mark
-- The rows are locked since they were read. What people did may be less than was thought.
UPDATE journeys_message AS m
SET delivered_at = COALESCE(m.delivered_at, r.delivered), opened_at = COALESCE(m.opened_at, r.opened),
    clicked_at = COALESCE(m.clicked_at, r.clicked), bounced_at = COALESCE(m.bounced_at, r.bounced),
    complained_at = COALESCE(m.complained_at, r.complained),
    unsubscribed_at = COALESCE(m.unsubscribed_at, r.unsubscribed), replied_at = COALESCE(m.replied_at, r.replied),
    human_opened_at = r.human_opened, human_clicked_at = r.human_clicked, probed_at = r.probed
FROM unnest(
    %(ids)s::bigint[], %(delivered)s::timestamptz[], %(opened)s::timestamptz[], %(clicked)s::timestamptz[],
    %(bounced)s::timestamptz[], %(complained)s::timestamptz[], %(unsubscribed)s::timestamptz[],
    %(replied)s::timestamptz[], %(human_opened)s::timestamptz[], %(human_clicked)s::timestamptz[],
    %(probed)s::timestamptz[]
) AS r (id, delivered, opened, clicked, bounced, complained, unsubscribed, replied, human_opened, human_clicked,
        probed)
WHERE m.id = r.id
