-- Companies: told of by group calls, asked about by the condition "account".

-- name: add
-- In one order everywhere, so that two batches with the same new companies wait for each other and never deadlock.
INSERT INTO profiles_account (key, attributes, created_at, updated_at)
SELECT k.key, '{}', %(now)s, %(now)s FROM unnest(%(keys)s::text[]) AS k (key) ORDER BY k.key COLLATE "C"
ON CONFLICT (key) DO NOTHING

-- name: lock
SELECT id, key, attributes::text FROM profiles_account WHERE key = ANY(%(keys)s::text[])
ORDER BY key COLLATE "C"
FOR NO KEY UPDATE

-- name: update
UPDATE profiles_account AS a SET attributes = g.attributes, updated_at = %(now)s
FROM json_to_recordset(%(rows)s::json) AS g (id bigint, attributes jsonb)
WHERE a.id = g.id

-- name: join
INSERT INTO profiles_accountmember (account_id, profile_id, since)
SELECT g.account_id, g.profile_id, g.since
FROM json_to_recordset(%(rows)s::json) AS g (account_id bigint, profile_id bigint, since timestamptz)
ORDER BY g.account_id, g.profile_id
ON CONFLICT (account_id, profile_id) DO NOTHING
RETURNING account_id, profile_id

-- name: tell
-- Everybody who belongs to a company whose attribute changed is to be looked at again by whoever asks about it.
WITH told AS (
    INSERT INTO profiles_change (consumer, profile_id, kind, key, at, data)
    SELECT i.consumer, m.profile_id, 'account', g.name, %(now)s, jsonb_build_object('account', g.account_id)
    FROM json_to_recordset(%(rows)s::json) AS g (account_id bigint, name text)
    JOIN profiles_accountmember AS m ON m.account_id = g.account_id
    CROSS JOIN LATERAL (
        SELECT DISTINCT consumer FROM profiles_interest WHERE kind = 'account' AND key IN (g.name, '*')
    ) AS i
    RETURNING consumer
)
SELECT DISTINCT consumer FROM told
