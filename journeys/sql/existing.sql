-- name: people
-- Who may qualify already. Whoever joined or did it after the journey went live has come in by themselves.
SELECT profile_id FROM profiles_membership
WHERE segment_id = ANY(%(segments)s::bigint[]) AND since <= %(until)s
UNION
SELECT profile_id FROM profiles_event
WHERE name = ANY(%(events)s::text[]) AND occurred_at > %(since)s AND received_at <= %(until)s
ORDER BY 1

-- name: waiting
-- How many they are, and how many of them have never been in the journey.
SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (
    SELECT FROM journeys_enrollment AS e WHERE e.profile_id = q.profile_id AND e.journey_id = %(journey)s
))
FROM (
    SELECT profile_id FROM profiles_membership
    WHERE segment_id = ANY(%(segments)s::bigint[]) AND since <= %(until)s
    UNION
    SELECT profile_id FROM profiles_event
    WHERE name = ANY(%(events)s::text[]) AND occurred_at > %(since)s AND received_at <= %(until)s
) AS q

-- name: hold
-- Who these people are today, held so that nobody becomes somebody else while they come in.
SELECT id FROM profiles_profile
WHERE id IN (SELECT COALESCE(merged_into_id, id) FROM profiles_profile WHERE id = ANY(%(profiles)s::bigint[]))
    AND merged_into_id IS NULL
ORDER BY id
FOR SHARE

-- name: members
SELECT segment_id, profile_id FROM profiles_membership
WHERE segment_id = ANY(%(segments)s::bigint[]) AND profile_id = ANY(%(profiles)s::bigint[]) AND since <= %(until)s

-- name: events
-- The latest first.
SELECT profile_id, name, id, occurred_at, properties::text FROM profiles_event
WHERE name = ANY(%(events)s::text[]) AND profile_id = ANY(%(profiles)s::bigint[])
    AND occurred_at > %(since)s AND received_at <= %(until)s
ORDER BY occurred_at DESC, id DESC

-- name: counted
-- People who did it lately, for the question before publishing.
SELECT count(DISTINCT profile_id) FROM profiles_event
WHERE name = ANY(%(events)s::text[]) AND occurred_at > %(since)s
