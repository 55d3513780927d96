-- name: suppress
-- What is blocked already is left out first: then nobody waits for somebody else who meets the same address.
INSERT INTO profiles_suppression (kind, address, reason, at)
SELECT r.kind, r.address, r.reason, %(now)s
FROM unnest(%(kinds)s::text[], %(addresses)s::text[], %(reasons)s::text[]) AS r (kind, address, reason)
WHERE NOT EXISTS (SELECT FROM profiles_suppression AS s WHERE s.kind = r.kind AND s.address = r.address)
ORDER BY r.kind, r.address
ON CONFLICT (kind, address) DO NOTHING
RETURNING kind, address

-- name: blocked
SELECT address FROM profiles_suppression WHERE address = ANY(%(addresses)s::text[])

-- name: holders
-- Who has these addresses: by identity, and by an attribute that reads like it (found through the index of the search).
SELECT a.kind, a.address, i.profile_id
FROM unnest(%(kinds)s::text[], %(addresses)s::text[]) AS a (kind, address)
JOIN profiles_identity AS i ON i.kind = a.kind AND i.value IN (
    a.address, CASE WHEN a.kind = 'phone' AND a.address LIKE '+%%' THEN '00' || substr(a.address, 2) ELSE a.address END
)
UNION
SELECT a.kind, a.address, p.id
FROM unnest(%(kinds)s::text[], %(addresses)s::text[]) AS a (kind, address)
CROSS JOIN LATERAL (
    SELECT p.id FROM profiles_profile AS p
    WHERE p.merged_into_id IS NULL AND p.search_text LIKE '%%' || replace(replace(
              replace(a.address, '\', '\\'), '%%', '\%%'), '_', '\_') || '%%'
      AND lower(btrim(p.attributes ->> a.kind)) = a.address
    OFFSET 0
) AS p
WHERE a.kind IN ('email', 'phone')

-- name: carried
-- E-mails and phones of people that are like these patterns: by identity, and by an attribute that became none.
SELECT i.kind, CASE WHEN i.kind = 'phone' THEN regexp_replace(i.value, '^00', '+') ELSE i.value END
FROM profiles_identity AS i
WHERE i.kind IN ('email', 'phone') AND i.value LIKE ANY (%(likes)s::text[])
UNION
SELECT 'email', p.address
FROM unnest(%(likes)s::text[]) AS w (pattern)
CROSS JOIN LATERAL (
    SELECT lower(btrim(p.attributes ->> 'email')) AS address FROM profiles_profile AS p
    WHERE p.merged_into_id IS NULL AND p.search_text LIKE '%%' || w.pattern || '%%'
    OFFSET 0
) AS p
WHERE p.address LIKE w.pattern AND p.address LIKE '%%@%%'
