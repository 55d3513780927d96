-- name: lock
-- Everybody who writes to a profile holds its row lock, taken in the order of ids. Old ids lead to the survivor; ids of
-- nobody are left out.
SELECT p.id
FROM profiles_profile p
WHERE p.merged_into_id IS NULL
  AND p.id IN (SELECT COALESCE(o.merged_into_id, o.id) FROM profiles_profile o WHERE o.id = ANY(%(profiles)s::bigint[]))
ORDER BY p.id
FOR NO KEY UPDATE OF p

-- name: add
INSERT INTO profiles_listentry (list_id, profile_id, at, source)
SELECT %(list)s, p.id, %(now)s, %(source)s
FROM unnest(%(profiles)s::bigint[]) AS p (id)
ORDER BY p.id
ON CONFLICT (list_id, profile_id) DO NOTHING
RETURNING profile_id

-- name: remove
DELETE FROM profiles_listentry
WHERE list_id = %(list)s AND profile_id = ANY(%(profiles)s::bigint[])
RETURNING profile_id

-- name: known_by
-- Whose these addresses and ids are; the last of several counts: a user id.
SELECT given.n, i.profile_id
FROM unnest(%(kinds)s::text[], %(values)s::text[], %(places)s::int[]) AS given (kind, value, n)
JOIN profiles_identity i ON i.kind = given.kind AND i.value = given.value
ORDER BY given.n, given.kind

-- name: sizes
SELECT list_id, count(*) FROM profiles_listentry WHERE list_id = ANY(%(lists)s::bigint[]) GROUP BY list_id

-- name: entries
SELECT e.id
FROM profiles_listentry e
WHERE e.list_id = %(list)s AND e.id < %(before)s
  AND (%(words)s::text[] IS NULL OR EXISTS (
      SELECT FROM profiles_profile p
      WHERE p.id = e.profile_id AND p.search_text LIKE ALL (%(words)s::text[])
  ))
ORDER BY e.id DESC
LIMIT %(limit)s
