-- name: suppress
INSERT INTO profiles_suppression (kind, address, reason, at)
SELECT r.kind, r.address, r.reason, %(now)s
FROM unnest(%(kinds)s::text[], %(addresses)s::text[], %(reasons)s::text[]) AS r (kind, address, reason)
ORDER BY r.kind, r.address
ON CONFLICT (kind, address) DO NOTHING
RETURNING kind, address

-- name: holders
-- Who has these addresses: by identity, and by an attribute that reads like it (found through the index of the search).
SELECT i.kind, i.profile_id
FROM unnest(%(kinds)s::text[], %(addresses)s::text[]) AS a (kind, address)
JOIN profiles_identity AS i ON i.kind = a.kind AND i.value = a.address
UNION
SELECT a.kind, p.id
FROM unnest(%(kinds)s::text[], %(addresses)s::text[]) AS a (kind, address)
CROSS JOIN LATERAL (
    SELECT p.id FROM profiles_profile AS p
    WHERE p.merged_into_id IS NULL AND profiles_search_text(p.attributes) LIKE '%%' || replace(replace(
              replace(a.address, '\', '\\'), '%%', '\%%'), '_', '\_') || '%%'
      AND lower(btrim(p.attributes ->> a.kind)) = a.address
    OFFSET 0
) AS p
WHERE a.kind IN ('email', 'phone')
