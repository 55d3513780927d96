-- Reads and writes of segments. Every time comes from outside.

-- name: attributes
-- Merged profiles are left out: they match nothing.
SELECT p.id, p.attributes::text
FROM profiles_profile p
WHERE p.id = ANY(%(profiles)s::bigint[]) AND p.merged_into_id IS NULL

-- name: event_counts
-- One index range (profile, name, occurred_at) per profile and question.
SELECT e.profile_id, w.place, count(*)
FROM unnest(%(names)s::text[], %(since)s::timestamptz[]) WITH ORDINALITY w (name, since, place)
JOIN profiles_event e
  ON e.profile_id = ANY(%(profiles)s::bigint[]) AND e.name = w.name AND e.occurred_at > w.since
GROUP BY e.profile_id, w.place

-- name: events
SELECT e.profile_id, e.name, e.occurred_at, e.properties::text
FROM unnest(%(names)s::text[], %(since)s::timestamptz[]) w (name, since)
JOIN profiles_event e
  ON e.profile_id = ANY(%(profiles)s::bigint[]) AND e.name = w.name AND e.occurred_at > w.since

-- name: members_of
SELECT m.segment_id, m.profile_id
FROM profiles_membership m
WHERE m.segment_id = ANY(%(segments)s::bigint[]) AND m.profile_id = ANY(%(profiles)s::bigint[])
