-- Rows come as one JSON text: quoting arrays of JSON in Python would cost more than all the rest of a batch.

-- name: seen
-- Repeats: messages that are stored already.
SELECT message_id FROM profiles_event WHERE message_id = ANY(%(message)s::uuid[])

-- name: owners
-- Lateral: one look into the index for each, also where the planner believes that the table is small.
SELECT given.kind, given.value, i.profile_id
FROM json_to_recordset(%(rows)s::json) AS given (kind text, value text)
CROSS JOIN LATERAL (
    SELECT profile_id FROM profiles_identity WHERE kind = given.kind AND value = given.value LIMIT 1
) AS i

-- name: lock
-- Everybody who writes to a profile holds its row lock, taken in the order of ids. Signposts are not locked: fewer
-- rows than asked for means that somebody was merged meanwhile, and the caller starts again.
SELECT id, attributes::text
FROM profiles_profile
WHERE id = ANY(%(profile)s::bigint[]) AND merged_into_id IS NULL
ORDER BY id
FOR NO KEY UPDATE

-- name: user_ids
SELECT profile_id, value FROM profiles_identity WHERE kind = 'user_id' AND profile_id = ANY(%(profile)s::bigint[])

-- name: survivors
-- Signposts are flat: one hop leads to the survivor.
SELECT id, COALESCE(merged_into_id, id) FROM profiles_profile WHERE id = ANY(%(profile)s::bigint[])

-- name: create_profiles
INSERT INTO profiles_profile (attributes, created_at, updated_at, last_seen_at)
SELECT p.attributes, p.first, %(now)s, p.last
FROM ROWS FROM (
    json_to_recordset(%(rows)s::json) AS (attributes jsonb, first timestamptz, last timestamptz)
) WITH ORDINALITY AS p (attributes, first, last, n)
ORDER BY p.n
RETURNING id

-- name: add_identities
-- In one order everywhere, so that two batches which bring the same new people wait for each other and never deadlock.
-- Fewer rows than given means that somebody else was first.
INSERT INTO profiles_identity (profile_id, kind, value, created_at)
SELECT i.profile_id, i.kind, i.value, %(now)s
FROM json_to_recordset(%(rows)s::json) AS i (profile_id bigint, kind text, value text)
ORDER BY i.kind COLLATE "C", i.value COLLATE "C"
ON CONFLICT (kind, value) DO NOTHING
RETURNING id

-- name: add_events
-- Ids rise in the order given; rows are inserted in the order of message ids, so that two batches with the same
-- messages never deadlock.
INSERT INTO profiles_event
    (id, profile_id, kind, name, properties, context, occurred_at, received_at, message_id)
SELECT e.id, e.profile_id, e.kind, e.name, e.properties, e.context, e.occurred_at, %(now)s, e.message_id
FROM (
    SELECT nextval('profiles_event_id_seq') AS id, given.*
    FROM json_to_recordset(%(rows)s::json) AS given (
        profile_id bigint, kind text, name text, properties jsonb, context jsonb, occurred_at timestamptz,
        message_id uuid
    )
) AS e
ORDER BY e.message_id
ON CONFLICT (message_id) DO NOTHING
RETURNING message_id, id

-- name: update_profiles
-- "Last seen" is kept to the minute: else every event would rewrite its person in all indexes.
UPDATE profiles_profile AS p
SET attributes = COALESCE(c.attributes, p.attributes),
    updated_at = CASE WHEN c.attributes IS NULL THEN p.updated_at ELSE %(now)s END,
    created_at = LEAST(p.created_at, c.first),
    last_seen_at = GREATEST(p.last_seen_at, c.last)
FROM json_to_recordset(%(rows)s::json) AS c (id bigint, attributes jsonb, first timestamptz, last timestamptz)
WHERE p.id = c.id
  AND (
      c.attributes IS NOT NULL OR p.last_seen_at IS NULL OR c.last >= p.last_seen_at + interval '1 minute'
      OR c.first < p.created_at
  )

-- name: merge_identities
UPDATE profiles_identity AS i SET profile_id = m.survivor
FROM unnest(%(loser)s::bigint[], %(survivor)s::bigint[]) AS m (loser, survivor)
WHERE i.profile_id = m.loser

-- name: merge_events
UPDATE profiles_event AS e SET profile_id = m.survivor
FROM unnest(%(loser)s::bigint[], %(survivor)s::bigint[]) AS m (loser, survivor)
WHERE e.profile_id = m.loser

-- name: merge_consents
-- For each topic and channel the latest word counts.
WITH taken AS (
    DELETE FROM profiles_consent AS c
    USING unnest(%(loser)s::bigint[], %(survivor)s::bigint[]) AS m (loser, survivor)
    WHERE c.profile_id = m.loser
    RETURNING m.survivor, c.topic_id, c.channel, c.subscribed, c.source, c.at
)
INSERT INTO profiles_consent (profile_id, topic_id, channel, subscribed, source, at)
SELECT DISTINCT ON (survivor, topic_id, channel) survivor, topic_id, channel, subscribed, source, at
FROM taken
ORDER BY survivor, topic_id, channel, at DESC
ON CONFLICT (profile_id, topic_id, channel) DO UPDATE
SET subscribed = EXCLUDED.subscribed, source = EXCLUDED.source, at = EXCLUDED.at
WHERE EXCLUDED.at > profiles_consent.at

-- name: merge_memberships
-- Who was in a segment on either side stays in, since the earlier moment, until the segment is asked again. Nobody
-- leaves by this, so sizes are corrected apart; the history of the loser ends here and the survivor has one of their own.
WITH taken AS (
    DELETE FROM profiles_membership AS s
    USING unnest(%(loser)s::bigint[], %(survivor)s::bigint[]) AS m (loser, survivor)
    WHERE s.profile_id = m.loser
    RETURNING s.segment_id, m.loser, m.survivor, s.since, s.reason
),
kept AS (
    INSERT INTO profiles_membership (segment_id, profile_id, since, reason)
    SELECT DISTINCT ON (segment_id, survivor) segment_id, survivor, since, reason
    FROM taken
    ORDER BY segment_id, survivor, since
    ON CONFLICT (segment_id, profile_id) DO UPDATE
    SET since = LEAST(profiles_membership.since, EXCLUDED.since)
    RETURNING segment_id, profile_id, xmax = 0 AS fresh
),
noted AS (
    INSERT INTO profiles_membershipevent (segment_id, profile_id, entered, at, reason)
    SELECT segment_id, loser, FALSE, %(now)s, 'merged' FROM taken
    UNION ALL SELECT segment_id, profile_id, TRUE, %(now)s, 'merged' FROM kept WHERE fresh
)
INSERT INTO profiles_sizecorrection (segment_id, by)
SELECT segment_id, sum(by)
FROM (
    SELECT segment_id, -1 AS by FROM taken UNION ALL SELECT segment_id, 1 FROM kept WHERE fresh
) AS moved
GROUP BY segment_id
HAVING sum(by) <> 0

-- name: merge_kept
-- Notes and the history of consents follow as they are.
WITH pairs AS (
    SELECT * FROM unnest(%(loser)s::bigint[], %(survivor)s::bigint[]) AS m (loser, survivor)
), notes AS (
    UPDATE profiles_note AS n SET profile_id = m.survivor FROM pairs AS m WHERE n.profile_id = m.loser
)
UPDATE profiles_consentchange AS c SET profile_id = m.survivor FROM pairs AS m WHERE c.profile_id = m.loser

-- name: merge_lists
-- On each list once, since the earlier moment.
WITH taken AS (
    DELETE FROM profiles_listentry AS e
    USING unnest(%(loser)s::bigint[], %(survivor)s::bigint[]) AS m (loser, survivor)
    WHERE e.profile_id = m.loser
    RETURNING e.list_id, m.survivor, e.at, e.source
)
INSERT INTO profiles_listentry (list_id, profile_id, at, source)
SELECT DISTINCT ON (list_id, survivor) list_id, survivor, at, source
FROM taken
ORDER BY list_id, survivor, at
ON CONFLICT (list_id, profile_id) DO UPDATE SET at = LEAST(profiles_listentry.at, EXCLUDED.at)

-- name: merge_changes
-- What waits in the outbox follows the survivor. Rows just being taken are left to their taker: waiting for it could
-- deadlock, and it finds the survivor by the signpost.
UPDATE profiles_change AS c SET profile_id = m.survivor
FROM (
    SELECT w.id, m.survivor
    FROM profiles_change w
    JOIN unnest(%(loser)s::bigint[], %(survivor)s::bigint[]) AS m (loser, survivor) ON m.loser = w.profile_id
    FOR UPDATE OF w SKIP LOCKED
) AS m
WHERE c.id = m.id

-- name: merge_profiles
-- The loser stays as a signpost, emptied; signposts that led to it lead on to the survivor.
UPDATE profiles_profile AS p SET merged_into_id = m.survivor, attributes = '{}', updated_at = %(now)s
FROM unnest(%(loser)s::bigint[], %(survivor)s::bigint[]) AS m (loser, survivor)
WHERE p.id = m.loser OR p.merged_into_id = m.loser

-- name: merge_times
UPDATE profiles_profile AS p
SET created_at = LEAST(p.created_at, l.created_at), last_seen_at = GREATEST(p.last_seen_at, l.last_seen_at)
FROM (
    SELECT m.survivor, min(o.created_at) AS created_at, max(o.last_seen_at) AS last_seen_at
    FROM unnest(%(loser)s::bigint[], %(survivor)s::bigint[]) AS m (loser, survivor)
    JOIN profiles_profile o ON o.id = m.loser
    GROUP BY m.survivor
) AS l
WHERE p.id = l.survivor
