-- name: bump
-- Appends, never updates: two workers that count the same node do not wait for each other.
INSERT INTO journeys_tally (journey_id, version_id, node_id, channel, metric, quarter, count)
SELECT journey_id, version_id, node_id, channel, metric, %(quarter)s, sum(count)
FROM unnest(
    %(journey)s::bigint[], %(version)s::bigint[], %(node)s::bigint[], %(channel)s::text[], %(metric)s::text[],
    %(count)s::bigint[]
) AS t (journey_id, version_id, node_id, channel, metric, count)
GROUP BY journey_id, version_id, node_id, channel, metric
