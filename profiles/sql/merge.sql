-- Two profiles proved to be one person. `loser` and `survivor` are pairs; `merge`, `profile` and `of_loser` say for each
-- logged merge whose rows belonged to which side of it, so that it can be undone.

-- name: log
INSERT INTO profiles_merge (
    survivor_id, loser_id, kind, value, call, message_id, survivor_before, loser_before, identities, at
)
SELECT g.survivor_id, g.loser_id, g.kind, g.value, g.call, g.message_id,
    jsonb_build_object('attributes', g.survivor_attributes) || s.times,
    jsonb_build_object('attributes', g.loser_attributes) || l.times, g.identities, %(now)s
FROM ROWS FROM (
    json_to_recordset(%(rows)s::json) AS (
        survivor_id bigint, loser_id bigint, kind text, value text, call text, message_id uuid,
        survivor_attributes jsonb, loser_attributes jsonb, identities jsonb, survivors jsonb, losers jsonb,
        survivor_first timestamptz, survivor_last timestamptz, loser_first timestamptz, loser_last timestamptz
    )
) WITH ORDINALITY AS g (
    survivor_id, loser_id, kind, value, call, message_id, survivor_attributes, loser_attributes, identities,
    survivors, losers, survivor_first, survivor_last, loser_first, loser_last, n
)
CROSS JOIN LATERAL (
    SELECT jsonb_build_object(
        'created_at', LEAST(min(p.created_at), g.survivor_first),
        'last_seen_at', GREATEST(max(l.at), g.survivor_last),
        'updated_at', max(p.updated_at) FILTER (WHERE p.id = g.survivor_id)
    ) AS times
    FROM profiles_profile AS p LEFT JOIN profiles_lastseen AS l ON l.profile_id = p.id
    WHERE p.id IN (SELECT jsonb_array_elements(g.survivors)::bigint)
) AS s
CROSS JOIN LATERAL (
    SELECT jsonb_build_object(
        'created_at', LEAST(min(p.created_at), g.loser_first),
        'last_seen_at', GREATEST(max(l.at), g.loser_last),
        'updated_at', max(p.updated_at) FILTER (WHERE p.id = g.loser_id)
    ) AS times
    FROM profiles_profile AS p LEFT JOIN profiles_lastseen AS l ON l.profile_id = p.id
    WHERE p.id IN (SELECT jsonb_array_elements(g.losers)::bigint)
) AS l
ORDER BY g.n
RETURNING id

-- name: moved
INSERT INTO profiles_mergemoved (merge_id, what, rows)
SELECT m.merge_id, m.what, m.rows FROM json_to_recordset(%(rows)s::json) AS m (merge_id bigint, what text, rows jsonb)

-- name: both_sides
-- What both sides had of the things of which a person has one at most, word for word.
INSERT INTO profiles_mergemoved (merge_id, what, rows)
SELECT h.merge_id, r.what, jsonb_agg(r.row || jsonb_build_object('of_loser', h.of_loser) ORDER BY r.id)
FROM unnest(%(merge)s::bigint[], %(profile)s::bigint[], %(of_loser)s::boolean[]) AS h (merge_id, profile_id, of_loser)
CROSS JOIN LATERAL (
    SELECT 'consent' AS what, c.id, to_jsonb(c) AS row FROM profiles_consent AS c WHERE c.profile_id = h.profile_id
    UNION ALL
    SELECT 'membership', s.segment_id, to_jsonb(s) FROM profiles_membership AS s WHERE s.profile_id = h.profile_id
    UNION ALL
    SELECT 'listed', e.id, to_jsonb(e) FROM profiles_listentry AS e WHERE e.profile_id = h.profile_id
    UNION ALL
    SELECT 'company', a.id, to_jsonb(a) FROM profiles_accountmember AS a WHERE a.profile_id = h.profile_id
    UNION ALL
    SELECT 'apart', x.id, to_jsonb(x) FROM profiles_apart AS x WHERE h.of_loser AND x.one_id = h.profile_id
) AS r
GROUP BY h.merge_id, r.what

-- name: merge_identities
UPDATE profiles_identity AS i SET profile_id = m.survivor
FROM unnest(%(loser)s::bigint[], %(survivor)s::bigint[]) AS m (loser, survivor)
WHERE i.profile_id = m.loser

-- name: merge_rows
-- What goes over as it is: what they did, what was known of them and when, what they said, notes. `what` is as in the log.
WITH m AS (
    SELECT * FROM unnest(%(loser)s::bigint[], %(survivor)s::bigint[]) AS m (loser, survivor)
),
events AS (
    UPDATE profiles_event AS e SET profile_id = m.survivor FROM m WHERE e.profile_id = m.loser RETURNING e.id, m.loser
),
attributes AS (
    UPDATE profiles_attributechange AS e SET profile_id = m.survivor FROM m WHERE e.profile_id = m.loser
    RETURNING e.id, m.loser
),
words AS (
    UPDATE profiles_consentchange AS e SET profile_id = m.survivor FROM m WHERE e.profile_id = m.loser
    RETURNING e.id, m.loser
),
notes AS (
    UPDATE profiles_note AS e SET profile_id = m.survivor FROM m WHERE e.profile_id = m.loser RETURNING e.id, m.loser
),
moved (what, id, loser) AS (
    SELECT 'event', * FROM events
    UNION ALL SELECT 'attribute', * FROM attributes
    UNION ALL SELECT 'said', * FROM words
    UNION ALL SELECT 'note', * FROM notes
)
INSERT INTO profiles_mergemoved (merge_id, what, rows)
SELECT h.merge_id, moved.what, jsonb_agg(moved.id ORDER BY moved.id)
FROM moved
JOIN unnest(%(merge)s::bigint[], %(profile)s::bigint[], %(of_loser)s::boolean[]) AS h (merge_id, profile_id, of_loser)
    ON h.profile_id = moved.loser AND h.of_loser
GROUP BY h.merge_id, moved.what

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
-- leaves by this, so sizes are corrected apart; the stays of the loser end here.
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
    INSERT INTO profiles_pastmembership (segment_id, profile_id, since, until, reason, exit_reason)
    SELECT segment_id, loser, since, %(now)s, reason, 'merged' FROM taken
    ON CONFLICT DO NOTHING
)
INSERT INTO profiles_sizecorrection (segment_id, by)
SELECT segment_id, sum(by)
FROM (
    SELECT segment_id, -1 AS by FROM taken UNION ALL SELECT segment_id, 1 FROM kept WHERE fresh
) AS moved
GROUP BY segment_id
HAVING sum(by) <> 0

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

-- name: merge_companies
WITH taken AS (
    DELETE FROM profiles_accountmember AS s
    USING unnest(%(loser)s::bigint[], %(survivor)s::bigint[]) AS m (loser, survivor)
    WHERE s.profile_id = m.loser
    RETURNING s.account_id, m.survivor, s.since
)
INSERT INTO profiles_accountmember (account_id, profile_id, since)
SELECT account_id, survivor, min(since) FROM taken GROUP BY account_id, survivor
ON CONFLICT (account_id, profile_id) DO UPDATE SET since = LEAST(profiles_accountmember.since, EXCLUDED.since)

-- name: merge_apart
-- Who was taken apart stays apart from who it has become. Such a row is of two people, of whom perhaps only one is
-- locked: the rows are locked in one order.
WITH mine AS MATERIALIZED (
    SELECT id, one_id, other_id FROM profiles_apart
    WHERE one_id = ANY(%(loser)s::bigint[]) OR other_id = ANY(%(loser)s::bigint[])
    ORDER BY id
    FOR NO KEY UPDATE
)
UPDATE profiles_apart AS a
SET one_id = COALESCE(x.survivor, mine.one_id), other_id = COALESCE(y.survivor, mine.other_id)
FROM mine
LEFT JOIN unnest(%(loser)s::bigint[], %(survivor)s::bigint[]) AS x (loser, survivor) ON x.loser = mine.one_id
LEFT JOIN unnest(%(loser)s::bigint[], %(survivor)s::bigint[]) AS y (loser, survivor) ON y.loser = mine.other_id
WHERE a.id = mine.id

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
UPDATE profiles_profile AS p
SET merged_into_id = m.survivor, attributes = '{}',
    updated_at = CASE WHEN p.id = m.loser THEN %(now)s ELSE p.updated_at END
FROM unnest(%(loser)s::bigint[], %(survivor)s::bigint[]) AS m (loser, survivor)
WHERE p.id = m.loser OR p.merged_into_id = m.loser

-- name: merge_times
WITH first AS (
    UPDATE profiles_profile AS p SET created_at = LEAST(p.created_at, l.created_at)
    FROM (
        SELECT m.survivor, min(o.created_at) AS created_at
        FROM unnest(%(loser)s::bigint[], %(survivor)s::bigint[]) AS m (loser, survivor)
        JOIN profiles_profile o ON o.id = m.loser
        GROUP BY m.survivor
    ) AS l
    WHERE p.id = l.survivor
)
INSERT INTO profiles_lastseen (profile_id, at)
SELECT m.survivor, max(o.at)
FROM unnest(%(loser)s::bigint[], %(survivor)s::bigint[]) AS m (loser, survivor)
JOIN profiles_lastseen o ON o.profile_id = m.loser
GROUP BY m.survivor
ON CONFLICT (profile_id) DO UPDATE SET at = GREATEST(profiles_lastseen.at, EXCLUDED.at)
