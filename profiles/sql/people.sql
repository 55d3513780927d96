-- name: search
-- Each word must occur in a name, e-mail or phone; or the whole text is an identity or a number of a profile. Found
-- first and sorted afterwards: else the planner may walk everybody in the order of the list and ask each of them.
-- The longest word stands alone because LIKE ALL cannot use the index.
WITH found AS MATERIALIZED (
    (
        SELECT p.id
        FROM profiles_profile p
        WHERE p.merged_into_id IS NULL AND p.search_text LIKE %(longest)s
          AND p.search_text LIKE ALL (%(words)s::text[])
          AND (%(segment)s::bigint IS NULL OR EXISTS (
              SELECT FROM profiles_membership s WHERE s.segment_id = %(segment)s AND s.profile_id = p.id
          ))
        LIMIT %(limit)s
    )
    UNION
    SELECT COALESCE(p.merged_into_id, p.id)
    FROM profiles_profile p
    WHERE p.id IN (
        SELECT i.profile_id FROM profiles_identity i
        WHERE i.kind = ANY(%(kinds)s::text[]) AND i.value = ANY(%(values)s::text[])
        UNION ALL SELECT %(number)s::bigint
    )
)
SELECT p.id
FROM found
JOIN profiles_profile p USING (id)
LEFT JOIN profiles_lastseen l ON l.profile_id = p.id
WHERE %(segment)s::bigint IS NULL
   OR EXISTS (SELECT FROM profiles_membership s WHERE s.segment_id = %(segment)s AND s.profile_id = p.id)
ORDER BY l.at DESC NULLS LAST, p.id DESC
LIMIT %(limit)s

-- name: about
-- The planner's own idea of how many there are, kept by ANALYZE: good enough where counting would take long.
SELECT GREATEST(reltuples, 0)::bigint FROM pg_class WHERE oid = 'profiles_profile'::regclass
