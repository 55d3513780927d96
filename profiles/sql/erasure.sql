-- name: lock
-- The person and the signposts that lead to them, in the order of ids.
SELECT id FROM profiles_profile
WHERE id = %(profile)s OR merged_into_id = %(profile)s
ORDER BY id
FOR UPDATE

-- name: changes
DELETE FROM profiles_change WHERE profile_id = ANY(%(profiles)s::bigint[])

-- name: leave_segments
-- Sizes are corrected apart, within seconds, so that this never waits for the row of a segment.
WITH gone AS (
    DELETE FROM profiles_membership WHERE profile_id = ANY(%(profiles)s::bigint[]) RETURNING segment_id
)
INSERT INTO profiles_sizecorrection (segment_id, by) SELECT segment_id, -count(*) FROM gone GROUP BY segment_id

-- name: messages
-- Identify calls that were stored: sent again, they would bring the person back.
SELECT message_id FROM profiles_event WHERE profile_id = %(profile)s AND kind = 'identify'

-- name: block
-- The address itself is forgotten; its hash keeps anybody from writing to it.
INSERT INTO profiles_suppression (kind, address, reason, at)
SELECT a.kind, a.address, 'erased', %(now)s
FROM unnest(%(kinds)s::text[], %(addresses)s::text[]) AS a (kind, address)
ON CONFLICT (kind, address) DO NOTHING
