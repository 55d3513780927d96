-- What questions about people read. Every time comes from outside.

-- name: attributes
-- Merged profiles are left out: they match nothing.
SELECT p.id, p.attributes::text
FROM profiles_profile p
WHERE p.id = ANY(%(profiles)s::bigint[]) AND p.merged_into_id IS NULL

-- name: event_counts
-- How many events lie between each two neighbours of all the moments that anybody asks about: one range of the index
-- (profile, name, occurred_at) per profile and name, whatever the planner believes. Ranges have no upper end: with one,
-- the planner takes (profile, occurred_at) for as good, which fetches every event from the table.
WITH w AS MATERIALIZED ( -- so that the texts are read once
    SELECT name, edges, edges[1] AS since
    FROM (SELECT name, edges::timestamptz[] FROM unnest(%(names)s::text[], %(edges)s::text[]) g (name, edges)) g
)
SELECT e.id, e.name, e.bucket, count(*)
FROM (
    SELECT p.id, w.name, width_bucket(e.occurred_at, w.edges) AS bucket
    FROM unnest(%(profiles)s::bigint[]) p (id)
    CROSS JOIN w
    CROSS JOIN LATERAL (
        SELECT e.occurred_at FROM profiles_event e
        WHERE e.profile_id = p.id AND e.name = w.name AND e.occurred_at >= w.since
        OFFSET 0
    ) e
) e
GROUP BY 1, 2, 3

-- name: events
SELECT p.id, w.name, e.occurred_at, e.id, e.properties
FROM unnest(%(profiles)s::bigint[]) p (id)
CROSS JOIN unnest(%(names)s::text[], %(since)s::timestamptz[]) w (name, since)
CROSS JOIN LATERAL (
    SELECT e.occurred_at, e.id, e.properties::text AS properties FROM profiles_event e
    WHERE e.profile_id = p.id AND e.name = w.name AND e.occurred_at > w.since
    OFFSET 0
) e
ORDER BY e.occurred_at, e.id

-- name: on_lists
SELECT list_id, profile_id, at
FROM profiles_listentry
WHERE profile_id = ANY(%(profiles)s::bigint[]) AND list_id = ANY(%(lists)s::bigint[])

-- name: members_since
SELECT m.segment_id, m.profile_id, m.since
FROM profiles_membership m
WHERE m.segment_id = ANY(%(segments)s::bigint[]) AND m.profile_id = ANY(%(profiles)s::bigint[])

-- name: consents
-- The latest word for the channel or for every channel, else the topic's default.
SELECT w.topic, w.channel, p.id, COALESCE(said.subscribed, t.default_subscribed)
FROM unnest(%(topics)s::text[], %(channels)s::text[]) w (topic, channel)
JOIN profiles_topic t ON t.slug = w.topic
CROSS JOIN unnest(%(profiles)s::bigint[]) p (id)
LEFT JOIN LATERAL (
    SELECT c.subscribed FROM profiles_consent c
    WHERE c.profile_id = p.id AND c.topic_id = t.id AND c.channel IN (w.channel, '')
    ORDER BY c.at DESC, c.subscribed
    LIMIT 1
) said ON TRUE

-- name: identities
SELECT i.kind, i.profile_id, count(*)
FROM profiles_identity i
WHERE i.profile_id = ANY(%(profiles)s::bigint[]) AND i.kind = ANY(%(kinds)s::text[])
GROUP BY i.kind, i.profile_id

-- name: addresses
SELECT a.kind, a.id, EXISTS (
    SELECT FROM profiles_suppression s WHERE s.kind = a.kind AND s.address = a.address
)
FROM (
    SELECT k.kind, p.id, CASE k.kind
        WHEN 'phone' THEN regexp_replace(translate(p.attributes ->> k.kind, E' \t().-/', ''), '^00', '+')
        ELSE lower(btrim(p.attributes ->> k.kind))
    END AS address
    FROM profiles_profile p CROSS JOIN unnest(%(kinds)s::text[]) k (kind)
    WHERE p.id = ANY(%(profiles)s::bigint[])
) a
WHERE a.address <> ''

-- name: address_identities
SELECT i.kind, i.profile_id, bool_and(EXISTS (
    SELECT FROM profiles_suppression s WHERE s.kind = i.kind AND s.address = i.value
))
FROM profiles_identity i
WHERE i.profile_id = ANY(%(profiles)s::bigint[]) AND i.kind = ANY(%(kinds)s::text[])
GROUP BY i.kind, i.profile_id

-- name: attribute_changed
-- When each attribute last changed. What somebody came with stands in one row without a name.
SELECT h.profile_id, n.name, max(h.at)
FROM profiles_attributechange h
JOIN unnest(%(names)s::text[]) n (name) ON h.name = n.name OR (h.name = '' AND jsonb_exists(h.new, n.name))
WHERE h.profile_id = ANY(%(profiles)s::bigint[])
GROUP BY h.profile_id, n.name

-- name: crossed_changes
-- Attributes that have not changed for long enough: narrow ranges of a BRIN index.
SELECT DISTINCT w.segment_id, h.profile_id
FROM unnest(%(segments)s::bigint[], %(names)s::text[], %(after)s::timestamptz[], %(until)s::timestamptz[])
    w (segment_id, name, after, until)
CROSS JOIN LATERAL (
    SELECT h.profile_id, h.name, h.new FROM profiles_attributechange h
    WHERE h.at > w.after AND h.at <= w.until
    OFFSET 0
) h
WHERE h.name = w.name OR (h.name = '' AND jsonb_exists(h.new, w.name))

-- name: crossed_events
-- Events whose age passed the edge of a period between two ticks: one index range per period. OFFSET 0 keeps the
-- planner, who cannot know how narrow the ranges are, from reading all events.
SELECT DISTINCT w.segment_id, e.profile_id
FROM unnest(%(segments)s::bigint[], %(names)s::text[], %(after)s::timestamptz[], %(until)s::timestamptz[])
    w (segment_id, name, after, until)
CROSS JOIN LATERAL (
    SELECT e.profile_id FROM profiles_event e
    WHERE e.name = w.name AND e.occurred_at > w.after AND e.occurred_at <= w.until
    OFFSET 0
) e

-- name: crossed_properties
-- Events with a date among their properties that passed an edge between two ticks: one range of the index for dates.
SELECT DISTINCT w.segment_id, e.profile_id
FROM unnest(%(segments)s::bigint[], %(after)s::timestamptz[], %(until)s::timestamptz[]) w (segment_id, after, until)
CROSS JOIN LATERAL (
    SELECT e.profile_id FROM profiles_event e
    WHERE e.name = %(name)s AND profiles_moment(e.properties, string_to_array(%(path)s, '.')) > w.after
      AND profiles_moment(e.properties, string_to_array(%(path)s, '.')) <= w.until
    OFFSET 0
) e

-- name: crossed_attributes
-- Profiles with a date among their attributes that passed an edge between two ticks: one range of the index for dates.
SELECT DISTINCT w.segment_id, p.id
FROM unnest(%(segments)s::bigint[], %(after)s::timestamptz[], %(until)s::timestamptz[]) w (segment_id, after, until)
CROSS JOIN LATERAL (
    SELECT p.id FROM profiles_profile p
    WHERE profiles_moment(p.attributes, string_to_array(%(path)s, '.')) > w.after
      AND profiles_moment(p.attributes, string_to_array(%(path)s, '.')) <= w.until
    OFFSET 0
) p

-- name: crossed_days_attributes
-- Once a day: profiles with a date among their attributes whose day of the year has come or gone. The index is by the
-- day in UTC: in another zone it is a day earlier or later, and a day more around the 29th of February.
SELECT DISTINCT w.segment_id, v.id
FROM unnest(%(segments)s::bigint[], %(days)s::text[]) w (segment_id, day)
CROSS JOIN generate_series(-2, 2) n
CROSS JOIN LATERAL (
    SELECT p.id, p.attributes #>> string_to_array(%(path)s, '.') AS text FROM profiles_profile p
    WHERE profiles_year_day(p.attributes, string_to_array(%(path)s, '.'))
        = to_char(('2000-' || w.day)::date + n, 'MMDD')::int
    OFFSET 0
) v
WHERE CASE WHEN v.text ~ %(moment)s AND pg_input_is_valid(v.text, 'timestamptz')
    THEN CASE WHEN length(v.text) = 10 THEN substr(v.text, 6)
              ELSE to_char(v.text::timestamptz AT TIME ZONE %(zone)s, 'MM-DD') END = w.day END

-- name: crossed_companies
-- People of companies with a date among their attributes that passed an edge between two ticks.
SELECT DISTINCT w.segment_id, m.profile_id
FROM unnest(%(segments)s::bigint[], %(after)s::timestamptz[], %(until)s::timestamptz[]) w (segment_id, after, until)
JOIN profiles_account c ON profiles_moment(c.attributes, string_to_array(%(path)s, '.')) > w.after
    AND profiles_moment(c.attributes, string_to_array(%(path)s, '.')) <= w.until
JOIN profiles_accountmember m ON m.account_id = c.id

-- name: crossed_days_companies
-- Once a day: people of companies with a date whose day of the year has come or gone.
SELECT DISTINCT w.segment_id, m.profile_id
FROM unnest(%(segments)s::bigint[], %(days)s::text[]) w (segment_id, day)
CROSS JOIN profiles_account c
JOIN profiles_accountmember m ON m.account_id = c.id
CROSS JOIN LATERAL (SELECT c.attributes #>> string_to_array(%(path)s, '.') AS text) v
WHERE CASE WHEN v.text ~ %(moment)s AND pg_input_is_valid(v.text, 'timestamptz')
    THEN CASE WHEN length(v.text) = 10 THEN substr(v.text, 6)
              ELSE to_char(v.text::timestamptz AT TIME ZONE %(zone)s, 'MM-DD') END = w.day END

-- name: companies
-- The attributes of the companies that these people belong to.
SELECT m.profile_id, c.attributes::text
FROM profiles_accountmember m JOIN profiles_account c ON c.id = m.account_id
WHERE m.profile_id = ANY(%(profiles)s::bigint[])
ORDER BY m.profile_id, c.id

-- name: crossed_days_properties
-- The same for dates among the properties of events.
SELECT DISTINCT w.segment_id, v.profile_id
FROM unnest(%(segments)s::bigint[], %(days)s::text[]) w (segment_id, day)
CROSS JOIN generate_series(-2, 2) n
CROSS JOIN LATERAL (
    SELECT e.profile_id, e.properties #>> string_to_array(%(path)s, '.') AS text FROM profiles_event e
    WHERE e.name = %(name)s AND profiles_year_day(e.properties, string_to_array(%(path)s, '.'))
        = to_char(('2000-' || w.day)::date + n, 'MMDD')::int
    OFFSET 0
) v
WHERE CASE WHEN v.text ~ %(moment)s AND pg_input_is_valid(v.text, 'timestamptz')
    THEN CASE WHEN length(v.text) = 10 THEN substr(v.text, 6)
              ELSE to_char(v.text::timestamptz AT TIME ZONE %(zone)s, 'MM-DD') END = w.day END
