-- name: portrait
-- What the head of a person's page tells, in one statement. Each part reads a few rows at the end of an index, or the
-- orders alone; only "usual hour" reads more: the last 300 things they did.
WITH orders AS (
    -- An order told twice is one order.
    SELECT DISTINCT ON (COALESCE(e.properties ->> 'order_id', e.id::text))
        e.occurred_at, upper(COALESCE(NULLIF(e.properties ->> 'currency', ''), %(currency)s)) AS currency,
        CASE WHEN jsonb_typeof(COALESCE(e.properties -> 'total', e.properties -> 'revenue')) = 'number'
             THEN COALESCE(e.properties -> 'total', e.properties -> 'revenue')::numeric END AS amount
    FROM profiles_event e
    WHERE e.profile_id = %(profile)s AND e.name = 'Order Completed' AND e.kind = 'track' AND e.occurred_at <= %(now)s
    ORDER BY COALESCE(e.properties ->> 'order_id', e.id::text), e.occurred_at, e.id
), sums AS (
    SELECT currency, count(*) AS n, COALESCE(sum(amount), 0) AS total, max(occurred_at) AS last
    FROM orders GROUP BY currency
), recent AS (
    SELECT e.occurred_at
    FROM profiles_event e
    WHERE e.profile_id = %(profile)s AND e.occurred_at <= %(now)s
      AND (e.kind <> 'message' OR e.name IN ('Message Opened', 'Message Clicked'))
    ORDER BY e.occurred_at DESC
    LIMIT 300
)
SELECT
    (SELECT e.occurred_at FROM profiles_event e
     WHERE e.profile_id = %(profile)s AND e.kind <> 'message' ORDER BY e.occurred_at LIMIT 1),
    (SELECT e.occurred_at FROM profiles_event e
     WHERE e.profile_id = %(profile)s AND e.kind <> 'message' AND e.occurred_at <= %(now)s
     ORDER BY e.occurred_at DESC LIMIT 1),
    (SELECT json_agg(json_build_array(currency, n, total::text, last) ORDER BY total DESC, n DESC, currency) FROM sums),
    (SELECT mode() WITHIN GROUP (ORDER BY extract(hour FROM occurred_at AT TIME ZONE %(zone)s)) FROM recent
     HAVING count(*) >= %(enough)s)

-- name: orders
SELECT e.id, e.occurred_at, e.properties
FROM profiles_event e
WHERE e.profile_id = %(profile)s AND e.name = 'Order Completed' AND e.kind = 'track'
  AND (e.occurred_at, e.id) < (%(at)s::timestamptz, %(id)s)
ORDER BY e.occurred_at DESC, e.id DESC
LIMIT %(limit)s

-- name: said
-- The latest word on each topic, said for each channel or for every channel.
SELECT topic_id, channel, subscribed, source, at
FROM profiles_consent
WHERE profile_id = %(profile)s
ORDER BY at, NOT subscribed
