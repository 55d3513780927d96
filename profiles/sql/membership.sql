-- Memberships, and what is remembered of them. Every time comes from outside.
-- Whoever writes a membership holds the shard of its profile, and has read the condition while holding it.

-- name: claim_shards
-- One taker at a time per shard of profiles, so that one person's changes are handled in order.
SELECT s FROM generate_series(0, %(shards)s - 1) s WHERE pg_try_advisory_xact_lock(%(space)s, s)

-- name: hold_shards
-- Wait for these shards, in one order everywhere.
SELECT pg_advisory_xact_lock(%(space)s, s) FROM (SELECT unnest(%(wanted)s::int[]) AS s ORDER BY 1) w

-- name: take
-- Materialized, so that it is asked once; else it may be asked again for each row, and then takes more than the limit.
WITH due AS MATERIALIZED (
    SELECT id FROM profiles_change
    WHERE consumer = 'segments' AND profile_id %% %(shards)s = ANY(%(mine)s::int[])
    ORDER BY id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
DELETE FROM profiles_change c
WHERE c.id IN (SELECT id FROM due)
RETURNING c.profile_id, c.kind, c.key,
          c.kind <> 'event' AND (jsonb_exists(c.data, 'quiet') OR COALESCE(c.data ->> 'reason', '') LIKE 'quiet:%%'),
          CASE WHEN c.kind = 'merged' THEN (c.data ->> 'from')::bigint END

-- name: touched
-- Which segments hear of these changes, and up to when the clock has been followed.
SELECT c.kind, c.key, s.id, s.condition::text, s.state = 'building', s.built_at IS NOT NULL,
       (SELECT at FROM profiles_membershipclock WHERE id = 1)
FROM unnest(%(kinds)s::text[], %(keys)s::text[]) c (kind, key)
JOIN profiles_interest i ON i.kind = c.kind AND i.key = c.key AND i.consumer = 'segments'
JOIN profiles_segment s ON 'segment:' || s.id = i.owner
WHERE s.state IN ('live', 'building')

-- name: members_of
SELECT m.segment_id, array_agg(m.profile_id)
FROM profiles_membership m
WHERE m.segment_id = ANY(%(segments)s::bigint[]) AND m.profile_id = ANY(%(profiles)s::bigint[])
GROUP BY m.segment_id

-- name: enter
-- In one order everywhere, as in `leave`, so that writers of the same members wait for each other and never deadlock.
-- How many entered each segment, and who has been told.
WITH moves AS MATERIALIZED (
    SELECT segment, reason, profiles
    FROM json_to_recordset(%(moves)s::json) g (segment bigint, reason text, profiles bigint[])
),
entered AS (
    INSERT INTO profiles_membership (segment_id, profile_id, since, reason)
    SELECT g.segment, p.id, %(now)s, g.reason
    FROM moves g CROSS JOIN unnest(g.profiles) p (id)
    ORDER BY g.segment, p.id
    ON CONFLICT DO NOTHING
    RETURNING segment_id, profile_id, reason
),
listeners AS (
    SELECT DISTINCT g.segment, i.consumer
    FROM moves g
    JOIN profiles_interest i ON i.kind = 'entered' AND i.key IN (g.segment::text, '*')
    WHERE g.segment <> ALL(%(silent)s::bigint[])
),
told AS (
    INSERT INTO profiles_change (consumer, profile_id, kind, key, at, data)
    SELECT l.consumer, m.profile_id, 'entered', m.segment_id::text, %(now)s, jsonb_build_object('reason', m.reason)
    FROM entered m JOIN listeners l ON l.segment = m.segment_id
    ORDER BY m.segment_id, m.profile_id
    RETURNING consumer
)
SELECT segment_id, count(*), ARRAY(SELECT DISTINCT consumer FROM told) FROM entered GROUP BY segment_id

-- name: leave
WITH moves AS MATERIALIZED (
    SELECT segment, reason, profiles
    FROM json_to_recordset(%(moves)s::json) g (segment bigint, reason text, profiles bigint[])
),
held AS (
    SELECT m.segment_id, m.profile_id, g.reason
    FROM moves g
    CROSS JOIN unnest(g.profiles) p (id)
    JOIN profiles_membership m ON m.segment_id = g.segment AND m.profile_id = p.id
    ORDER BY m.segment_id, m.profile_id
    FOR UPDATE OF m
),
gone AS (
    DELETE FROM profiles_membership m USING held h
    WHERE m.segment_id = h.segment_id AND m.profile_id = h.profile_id
    RETURNING m.segment_id, m.profile_id, m.since, m.reason, h.reason AS exit_reason
),
noted AS (
    INSERT INTO profiles_pastmembership (segment_id, profile_id, since, until, reason, exit_reason)
    SELECT segment_id, profile_id, since, %(now)s, reason, exit_reason FROM gone
    ON CONFLICT DO NOTHING
),
listeners AS (
    SELECT DISTINCT g.segment, i.consumer
    FROM moves g
    JOIN profiles_interest i ON i.kind = 'exited' AND i.key IN (g.segment::text, '*')
    WHERE g.segment <> ALL(%(silent)s::bigint[])
),
told AS (
    INSERT INTO profiles_change (consumer, profile_id, kind, key, at, data)
    SELECT l.consumer, m.profile_id, 'exited', m.segment_id::text, %(now)s, jsonb_build_object('reason', m.exit_reason)
    FROM gone m JOIN listeners l ON l.segment = m.segment_id
    ORDER BY m.segment_id, m.profile_id
    RETURNING consumer
)
SELECT segment_id, count(*), ARRAY(SELECT DISTINCT consumer FROM told) FROM gone GROUP BY segment_id

-- name: leave_signposts
-- Somebody may have been put into a segment while they were being merged into another.
WITH gone AS (
    DELETE FROM profiles_membership m
    USING profiles_profile p
    WHERE m.profile_id = ANY(%(profiles)s::bigint[]) AND p.id = m.profile_id AND p.merged_into_id IS NOT NULL
    RETURNING m.segment_id, m.profile_id, m.since, m.reason
),
noted AS (
    INSERT INTO profiles_pastmembership (segment_id, profile_id, since, until, reason, exit_reason)
    SELECT segment_id, profile_id, since, %(now)s, reason, 'merged' FROM gone
    ON CONFLICT DO NOTHING
)
INSERT INTO profiles_sizecorrection (segment_id, by)
SELECT segment_id, -count(*) FROM gone GROUP BY segment_id

-- name: resize
-- The size of a segment, and of this hour; of a later one, where somebody with a later clock was first. Rows of
-- segments are held in the order of ids.
WITH held AS (
    SELECT s.id, n.entered, n.exited
    FROM unnest(%(segments)s::bigint[], %(entered)s::bigint[], %(exited)s::bigint[]) n (segment_id, entered, exited)
    JOIN profiles_segment s ON s.id = n.segment_id
    ORDER BY s.id
    FOR NO KEY UPDATE OF s
),
sized AS (
    UPDATE profiles_segment s SET size = s.size + h.entered - h.exited
    FROM held h
    WHERE s.id = h.id
    RETURNING s.id, s.size, h.entered, h.exited
)
INSERT INTO profiles_segmentsize (segment_id, hour, size, entered, exited)
SELECT z.id, greatest(%(hour)s, (SELECT max(o.hour) FROM profiles_segmentsize o WHERE o.segment_id = z.id)), z.size,
       z.entered, z.exited
FROM sized z
ON CONFLICT (segment_id, hour) DO UPDATE
SET size = EXCLUDED.size, entered = profiles_segmentsize.entered + EXCLUDED.entered,
    exited = profiles_segmentsize.exited + EXCLUDED.exited

-- name: corrections
-- What merges owe to the sizes.
WITH owed AS (
    DELETE FROM profiles_sizecorrection RETURNING segment_id, by
)
SELECT segment_id, sum(by)::bigint FROM owed GROUP BY segment_id

-- name: correct
WITH held AS (
    SELECT s.id, n.by
    FROM unnest(%(segments)s::bigint[], %(by)s::bigint[]) n (segment_id, by)
    JOIN profiles_segment s ON s.id = n.segment_id
    ORDER BY s.id
    FOR NO KEY UPDATE OF s
),
sized AS (
    UPDATE profiles_segment s SET size = s.size + h.by FROM held h WHERE s.id = h.id RETURNING s.id, s.size
)
INSERT INTO profiles_segmentsize (segment_id, hour, size, entered, exited)
SELECT z.id, greatest(%(hour)s, (SELECT max(o.hour) FROM profiles_segmentsize o WHERE o.segment_id = z.id)), z.size,
       0, 0
FROM sized z
ON CONFLICT (segment_id, hour) DO UPDATE SET size = EXCLUDED.size

-- name: followed
-- Live segments whose answer moves with the clock, and up to when that has been followed.
SELECT s.id, s.condition::text, s.ticked_at, s.revision
FROM profiles_segment s
WHERE s.state = 'live' AND s.follows_clock AND s.ticked_at < %(now)s

-- name: follow_to
INSERT INTO profiles_membershipclock (id, at) VALUES (1, %(now)s)
ON CONFLICT (id) DO UPDATE SET at = EXCLUDED.at WHERE profiles_membershipclock.at < EXCLUDED.at

-- name: conditions
-- What segments ask now. The caller holds shards.
SELECT s.id, s.condition::text, (SELECT at FROM profiles_membershipclock WHERE id = 1), s.ticked_at
FROM profiles_segment s
WHERE s.id = ANY(%(segments)s::bigint[]) AND s.state = 'live'

-- name: ticked
-- Only where the segment is still the one that was followed.
UPDATE profiles_segment s SET ticked_at = %(now)s
FROM unnest(%(segments)s::bigint[], %(revisions)s::int[]) n (segment_id, revision)
WHERE s.id = n.segment_id AND s.revision = n.revision AND s.state = 'live' AND s.ticked_at < %(now)s

-- name: look_at
INSERT INTO profiles_lookedat (segment_id, profile_id)
SELECT * FROM unnest(%(segments)s::bigint[], %(profiles)s::bigint[])

-- name: try_alone
SELECT pg_try_advisory_lock(%(space)s, %(segment)s::int)

-- name: not_alone
SELECT pg_advisory_unlock(%(space)s, %(segment)s::int)

-- name: share_the_work
-- To hand an id from one process to another costs a tenth of what PostgreSQL expects of a row.
SET LOCAL parallel_tuple_cost = 0.01

-- name: differences
-- Who matches and is no member, and who is one and does not match. The key is for the pieces it is written in.
ALTER TABLE pg_temp.difference ADD PRIMARY KEY (shard, id)

-- name: no_differences
DROP TABLE IF EXISTS pg_temp.difference

-- name: end_of_piece
SELECT p.shard, p.id
FROM (
    SELECT shard, id FROM difference WHERE (shard, id) > (%(shard)s, %(after)s) ORDER BY shard, id LIMIT %(limit)s
) p
ORDER BY p.shard DESC, p.id DESC
LIMIT 1

-- name: write_differences
-- One piece. Whoever has been looked at since is left alone: that answer is newer. With `tell`, entering
-- and leaving is announced to whoever wants to hear of it.
WITH part AS MATERIALIZED (
    SELECT id, enters FROM difference
    WHERE (shard, id) > (%(shard)s, %(after)s) AND (shard, id) <= (%(last_shard)s, %(last)s)
),
due AS (
    SELECT p.id, p.enters
    FROM part p
    WHERE NOT EXISTS (
        SELECT FROM profiles_lookedat l WHERE l.segment_id = %(segment)s AND l.profile_id = p.id
    )
),
entered AS (
    INSERT INTO profiles_membership (segment_id, profile_id, since, reason)
    SELECT %(segment)s, d.id, %(now)s, %(reason)s
    FROM due d
    CROSS JOIN LATERAL (SELECT FROM profiles_profile p WHERE p.id = d.id AND p.merged_into_id IS NULL OFFSET 0) p
    WHERE d.enters
    ON CONFLICT DO NOTHING
    RETURNING profile_id
),
gone AS (
    DELETE FROM profiles_membership m
    WHERE m.segment_id = %(segment)s AND m.profile_id = ANY(ARRAY(SELECT id FROM due WHERE NOT enters))
    RETURNING m.profile_id, m.since, m.reason
),
noted AS (
    INSERT INTO profiles_pastmembership (segment_id, profile_id, since, until, reason, exit_reason)
    SELECT %(segment)s, profile_id, since, %(now)s, reason, %(reason)s FROM gone
    ON CONFLICT DO NOTHING
),
told AS (
    INSERT INTO profiles_change (consumer, profile_id, kind, key, at, data)
    SELECT i.consumer, m.profile_id, i.kind, %(key)s, %(now)s, jsonb_build_object('reason', %(reason)s::text)
    FROM (SELECT profile_id, TRUE AS entered FROM entered UNION ALL SELECT profile_id, FALSE FROM gone) m
    JOIN (
        SELECT DISTINCT consumer, kind FROM profiles_interest
        WHERE kind IN ('entered', 'exited') AND key IN (%(key)s, '*')
    ) i ON i.kind = CASE WHEN m.entered THEN 'entered' ELSE 'exited' END
    WHERE %(tell)s
    ORDER BY m.entered, m.profile_id
    RETURNING consumer
)
SELECT (SELECT count(*) FROM part), (SELECT count(*) FROM entered),
       (SELECT count(*) FROM gone), ARRAY(SELECT DISTINCT consumer FROM told)

-- name: some_differences
SELECT shard, id FROM difference WHERE (shard, id) > (%(shard)s, %(after)s) ORDER BY shard, id LIMIT %(limit)s

-- name: waiting_changes
-- Who of these has changes that nobody has taken yet.
SELECT DISTINCT profile_id FROM profiles_change WHERE consumer = 'segments' AND profile_id = ANY(%(profiles)s::bigint[])

-- name: count_members
SELECT s.size, (SELECT count(*) FROM profiles_membership m WHERE m.segment_id = s.id),
       (SELECT coalesce(sum(by), 0)::bigint FROM profiles_sizecorrection c WHERE c.segment_id = s.id)
FROM profiles_segment s
WHERE s.id = %(segment)s

-- name: clear_members
DELETE FROM profiles_membership
WHERE ctid = ANY(ARRAY(SELECT ctid FROM profiles_membership WHERE segment_id = %(segment)s LIMIT %(limit)s))

-- name: clear_history
DELETE FROM profiles_pastmembership
WHERE ctid = ANY(ARRAY(SELECT ctid FROM profiles_pastmembership WHERE segment_id = %(segment)s LIMIT %(limit)s))

-- name: snapshot_end
SELECT pg_snapshot_xmax(pg_current_snapshot())::text

-- name: writers_before
-- Whether a transaction that was running then is running still.
SELECT pg_snapshot_xmin(pg_current_snapshot()) < %(end)s::xid8
