-- name: lock
-- Changes of one profile are ordered by this lock; taken in one order, so that nobody waits in a circle.
SELECT id FROM profiles_profile WHERE id = ANY(%(ids)s) ORDER BY id FOR UPDATE

-- name: say
-- A repeated answer keeps its first time and source; an older one never overrides a newer. What is new is also
-- written to the history.
WITH said AS (
    INSERT INTO profiles_consent (profile_id, topic_id, channel, subscribed, source, at)
    SELECT COALESCE(p.merged_into_id, p.id), r.topic, r.channel, r.subscribed, r.source, %(now)s
    FROM unnest(%(profiles)s::bigint[], %(topics)s::bigint[], %(channels)s::text[], %(answers)s::boolean[],
                %(sources)s::text[]) AS r (profile, topic, channel, subscribed, source)
    JOIN profiles_profile AS p ON p.id = r.profile
    ON CONFLICT (profile_id, topic_id, channel) DO UPDATE
    SET subscribed = EXCLUDED.subscribed, source = EXCLUDED.source, at = EXCLUDED.at
    WHERE profiles_consent.subscribed <> EXCLUDED.subscribed AND profiles_consent.at <= EXCLUDED.at
    RETURNING profile_id, topic_id, channel, subscribed, source, at
), kept AS (
    INSERT INTO profiles_consentchange (profile_id, topic_id, channel, subscribed, source, at)
    SELECT profile_id, topic_id, channel, subscribed, source, at FROM said
)
SELECT s.profile_id, t.slug, s.channel, s.subscribed FROM said AS s JOIN profiles_topic AS t ON t.id = s.topic_id
