-- What was in the lives of some people, for replaying them. Each statement takes a piece of people at once.

-- name: candidates
-- Whoever may have come in: did it, came into or out of a segment, got another attribute, or is called by the clock.
SELECT p.id
FROM profiles_profile AS p
WHERE p.merged_into_id IS NULL AND p.id IN (
    SELECT e.profile_id FROM profiles_event AS e
    WHERE e.name = ANY(%(events)s::text[]) AND e.occurred_at > %(start)s AND e.occurred_at <= %(end)s
    UNION ALL
    SELECT m.profile_id FROM profiles_membership AS m
    WHERE m.segment_id = ANY(%(members)s::bigint[]) OR (m.segment_id = ANY(%(entered)s::bigint[]) AND m.since > %(start)s)
    UNION ALL
    SELECT m.profile_id FROM profiles_pastmembership AS m
    WHERE m.segment_id = ANY(%(entered)s::bigint[] || %(exited)s::bigint[] || %(members)s::bigint[])
        AND m.until > %(start)s
    UNION ALL
    SELECT c.profile_id FROM profiles_attributechange AS c
    WHERE c.at > %(start)s AND (c.name = ANY(%(attributes)s::text[]) OR (c.name = '' AND c.new ?| %(attributes)s::text[]))
    UNION ALL
    SELECT d.id FROM profiles_profile AS d WHERE d.attributes ?| %(dates)s::text[]
)
ORDER BY p.id

-- name: attributes
SELECT id, attributes::text FROM profiles_profile WHERE id = ANY(%(profiles)s::bigint[])

-- name: events
-- By person and name: the plan must not go through everything of a name for each piece of people. One row for each
-- person: [[id, name, microseconds since 1970, properties], …].
SELECT p.id, e.told
FROM unnest(%(profiles)s::bigint[]) AS p (id)
CROSS JOIN LATERAL (
    SELECT json_agg(
        json_build_array(e.id, n.name, (extract(epoch FROM e.occurred_at) * 1000000)::bigint, e.properties)
        ORDER BY e.occurred_at, e.id
    )::text AS told
    FROM unnest(%(names)s::text[], %(since)s::timestamptz[]) AS n (name, since)
    CROSS JOIN LATERAL (
        SELECT id, occurred_at, properties FROM profiles_event
        WHERE profile_id = p.id AND name = n.name AND occurred_at > n.since AND occurred_at <= %(end)s
        OFFSET 0
    ) AS e
) AS e
WHERE e.told IS NOT NULL

-- name: changes
-- Newest first: undone in this order they lead back to how somebody was.
SELECT profile_id, name, old::text, new::text, at
FROM profiles_attributechange
WHERE profile_id = ANY(%(profiles)s::bigint[]) AND at > %(start)s
ORDER BY id DESC

-- name: stays
SELECT m.segment_id, m.profile_id, m.since, NULL::timestamptz
FROM profiles_membership AS m
WHERE m.segment_id = ANY(%(segments)s::bigint[]) AND m.profile_id = ANY(%(profiles)s::bigint[])
UNION ALL
SELECT m.segment_id, m.profile_id, m.since, m.until
FROM profiles_pastmembership AS m
WHERE m.segment_id = ANY(%(segments)s::bigint[]) AND m.profile_id = ANY(%(profiles)s::bigint[]) AND m.until > %(start)s

-- name: shares
-- Of a hundred messages of each channel, how many were opened and clicked lately.
SELECT channel, COALESCE(sum(count) FILTER (WHERE metric = 'sent'), 0),
    COALESCE(sum(count) FILTER (WHERE metric = 'opened'), 0), COALESCE(sum(count) FILTER (WHERE metric = 'clicked'), 0)
FROM journeys_tally
WHERE quarter > %(since)s AND channel <> ''
GROUP BY channel
