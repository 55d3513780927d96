-- Rows come as one JSON text: quoting arrays of JSON in Python would cost more than all the rest of a batch.

-- name: seen
-- Repeats: messages that are stored already.
SELECT message_id FROM profiles_event WHERE message_id = ANY(%(message)s::uuid[])

-- name: owners
-- Lateral: one look into the index for each, also where the planner believes that the table is small.
SELECT given.kind, given.value, i.profile_id, i.met
FROM json_to_recordset(%(rows)s::json) AS given (kind text, value text)
CROSS JOIN LATERAL (
    SELECT profile_id, met IS NOT NULL AS met
    FROM profiles_identity WHERE kind = given.kind AND value = given.value LIMIT 1
) AS i

-- name: lock
-- Everybody who writes to a profile holds its row lock, taken in the order of ids. Signposts are not locked: fewer
-- rows than asked for means that somebody was merged meanwhile, and the caller starts again.
SELECT id, attributes::text, extract(epoch FROM created_at)::float8
FROM profiles_profile
WHERE id = ANY(%(profile)s::bigint[]) AND merged_into_id IS NULL
ORDER BY id
FOR NO KEY UPDATE

-- name: limits
SELECT limits::text FROM profiles_identitysettings WHERE id = 1

-- name: standing
-- What these people are called, how many joins they took part in lately, and from whom they were taken apart; read
-- under their locks.
SELECT 'name', i.profile_id, i.kind, i.value, i.met::text, NULL::bigint
FROM profiles_identity AS i WHERE i.profile_id = ANY(%(profile)s::bigint[])
UNION ALL
SELECT 'joins', p.merged_into_id, '', '', NULL, count(*)
FROM profiles_profile AS p
JOIN profiles_merge AS m ON m.loser_id = p.id AND m.undone_at IS NULL AND m.at > %(day)s
WHERE p.merged_into_id = ANY(%(profile)s::bigint[])
GROUP BY p.merged_into_id
UNION ALL
SELECT 'apart', a.one_id, a.kind, a.value, NULL, a.other_id
FROM profiles_apart AS a WHERE a.one_id = ANY(%(profile)s::bigint[])

-- name: survivors
-- Signposts are flat: one hop leads to the survivor.
SELECT id, COALESCE(merged_into_id, id) FROM profiles_profile WHERE id = ANY(%(profile)s::bigint[])

-- name: create_profiles
INSERT INTO profiles_profile (attributes, created_at, updated_at)
SELECT p.attributes, p.first, %(now)s
FROM ROWS FROM (json_to_recordset(%(rows)s::json) AS (attributes jsonb, first timestamptz))
    WITH ORDINALITY AS p (attributes, first, n)
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

-- name: change_identities
-- Under the locks of the profiles that own them.
UPDATE profiles_identity AS i SET profile_id = g.profile_id, met = g.met
FROM json_to_recordset(%(rows)s::json) AS g (profile_id bigint, kind text, value text, met jsonb)
WHERE i.kind = g.kind AND i.value = g.value

-- name: refuse
-- The first time counts: a shared device says the same with every page.
INSERT INTO profiles_joinrefusal (profile_id, other_id, kind, value, reason, message_id, at)
SELECT r.profile_id, r.other_id, r.kind, r.value, r.reason, r.message_id, %(now)s
FROM json_to_recordset(%(rows)s::json) AS r (
    profile_id bigint, other_id bigint, kind text, value text, reason text, message_id uuid
)
ORDER BY r.profile_id, r.kind, r.value, r.reason
ON CONFLICT (profile_id, kind, value, reason) DO NOTHING

-- name: add_history
INSERT INTO profiles_attributechange (profile_id, name, old, new, source, at)
SELECT c.profile_id, c.name, c.old, c.new, c.source, %(now)s
FROM ROWS FROM (
    json_to_recordset(%(rows)s::json) AS (profile_id bigint, name text, old jsonb, new jsonb, source text)
) WITH ORDINALITY AS c (profile_id, name, old, new, source, n)
ORDER BY c.n
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

-- name: event_ids
SELECT nextval('profiles_event_id_seq') FROM generate_series(1, %(n)s)

-- name: copy_events
COPY profiles_event
    (message_id, id, profile_id, kind, name, occurred_at, received_at, properties, context)
FROM STDIN

-- name: amend_events
UPDATE profiles_event AS e SET properties = e.properties || a.more::jsonb
FROM unnest(%(ids)s::bigint[], %(more)s::text[]) AS a (id, more)
WHERE e.id = a.id
RETURNING e.profile_id, e.name

-- name: update_profiles
UPDATE profiles_profile AS p
SET attributes = COALESCE(c.attributes, p.attributes),
    updated_at = CASE WHEN c.attributes IS NULL THEN p.updated_at ELSE %(now)s END,
    created_at = LEAST(p.created_at, c.first)
FROM json_to_recordset(%(rows)s::json) AS c (id bigint, attributes jsonb, first timestamptz)
WHERE p.id = c.id AND (c.attributes IS NOT NULL OR c.first < p.created_at)

-- name: seen_last
-- Kept to the minute: else every event would write. Under the locks of the profiles, so nobody else adds a row. Who was
-- moved is not looked for again: that would read what the move has just left behind.
WITH given AS MATERIALIZED (
    SELECT c.id, c.at FROM json_to_recordset(%(rows)s::json) AS c (id bigint, at timestamptz)
),
moved AS (
    UPDATE profiles_lastseen AS l SET at = g.at FROM given AS g
    WHERE l.profile_id = g.id AND g.at >= l.at + interval '1 minute'
    RETURNING l.profile_id
),
others AS MATERIALIZED (
    SELECT g.id, g.at FROM given AS g WHERE NOT g.id = ANY (ARRAY(SELECT profile_id FROM moved))
)
INSERT INTO profiles_lastseen (profile_id, at)
SELECT o.id, o.at FROM others AS o
WHERE NOT EXISTS (SELECT FROM profiles_lastseen AS l WHERE l.profile_id = o.id)
