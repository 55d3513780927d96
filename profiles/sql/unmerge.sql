-- A merge is undone: what the loser brought goes back, what came afterwards stays with the survivor.

-- name: hold
-- The survivor first, then the signpost: so do merges, and nobody waits in a circle.
SELECT p.id, p.merged_into_id, p.attributes::text, p.created_at,
       (SELECT l.at FROM profiles_lastseen l WHERE l.profile_id = p.id)
FROM profiles_profile p WHERE p.id = %(profile)s
FOR NO KEY UPDATE

-- name: identities
UPDATE profiles_identity AS i SET profile_id = %(loser)s
FROM json_to_recordset(%(rows)s::json) AS g (kind text, value text)
WHERE i.kind = g.kind AND i.value = g.value AND i.profile_id = %(survivor)s

-- name: event
UPDATE profiles_event SET profile_id = %(loser)s WHERE id = ANY(%(ids)s::bigint[]) AND profile_id = %(survivor)s

-- name: attribute
UPDATE profiles_attributechange SET profile_id = %(loser)s
WHERE id = ANY(%(ids)s::bigint[]) AND profile_id = %(survivor)s

-- name: said
UPDATE profiles_consentchange SET profile_id = %(loser)s
WHERE id = ANY(%(ids)s::bigint[]) AND profile_id = %(survivor)s

-- name: note
UPDATE profiles_note SET profile_id = %(loser)s WHERE id = ANY(%(ids)s::bigint[]) AND profile_id = %(survivor)s

-- name: signposts
-- Who had been joined to the loser before leads to the loser again.
WITH RECURSIVE under AS (
    SELECT loser_id FROM profiles_merge WHERE survivor_id = %(loser)s AND undone_at IS NULL
    UNION
    SELECT m.loser_id FROM profiles_merge AS m JOIN under AS u ON m.survivor_id = u.loser_id WHERE m.undone_at IS NULL
)
UPDATE profiles_profile SET merged_into_id = %(loser)s
WHERE id IN (SELECT loser_id FROM under) AND merged_into_id = %(survivor)s

-- name: revive
UPDATE profiles_profile
SET merged_into_id = NULL, attributes = %(attributes)s::jsonb, created_at = %(created)s::timestamptz,
    updated_at = %(now)s
WHERE id = %(loser)s

-- name: give_up
UPDATE profiles_profile
SET attributes = %(attributes)s::jsonb, created_at = %(created)s::timestamptz, updated_at = %(now)s
WHERE id = %(survivor)s

-- name: seen
-- When each was seen; who never was has no row.
WITH given AS (
    SELECT * FROM json_to_recordset(%(rows)s::json) AS g (profile_id bigint, at timestamptz)
),
never AS (
    DELETE FROM profiles_lastseen l USING given g WHERE l.profile_id = g.profile_id AND g.at IS NULL
)
INSERT INTO profiles_lastseen (profile_id, at) SELECT profile_id, at FROM given WHERE at IS NOT NULL
ON CONFLICT (profile_id) DO UPDATE SET at = EXCLUDED.at

-- name: rejoin_segments
-- The loser is inside again since then, for the reason of then, as if the stay had never ended; the conditions are
-- asked anew all the same.
WITH over AS (
    DELETE FROM profiles_pastmembership
    WHERE profile_id = %(loser)s AND exit_reason = 'merged' AND until = %(merged)s
),
back AS (
    INSERT INTO profiles_membership (segment_id, profile_id, since, reason)
    SELECT g.segment_id, %(loser)s, g.since, g.reason
    FROM json_to_recordset(%(rows)s::json) AS g (segment_id bigint, since timestamptz, reason text)
    JOIN profiles_segment AS s ON s.id = g.segment_id
    ON CONFLICT DO NOTHING
    RETURNING segment_id
)
INSERT INTO profiles_sizecorrection (segment_id, by) SELECT segment_id, 1 FROM back

-- name: apart
-- Who was taken apart from the loser before it was joined, is again.
UPDATE profiles_apart AS a
SET one_id = CASE WHEN a.one_id = %(survivor)s THEN %(loser)s ELSE a.one_id END,
    other_id = CASE WHEN a.other_id = %(survivor)s THEN %(loser)s ELSE a.other_id END
FROM json_to_recordset(%(rows)s::json) AS g (other_id bigint, kind text, value text, merge_id bigint)
WHERE a.merge_id = g.merge_id AND a.kind = g.kind AND a.value = g.value AND g.other_id IN (a.one_id, a.other_id)
