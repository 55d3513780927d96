-- name: pending
-- Is there work that a lost wake-up left? Five probes of partial indexes.
SELECT
    EXISTS (SELECT 1 FROM profiles_change WHERE consumer = 'journeys'),
    EXISTS (
        SELECT 1 FROM journeys_entryclock AS c
        JOIN journeys_journey AS j ON j.id = c.journey_id AND j.state = 'live'
        WHERE c.due_at <= %(now)s AND NOT EXISTS (
            SELECT 1 FROM profiles_segment AS s
            WHERE s.id = c.segment_id AND s.state = 'building' AND s.built_at IS NULL
        )
    ),
    EXISTS (
        SELECT 1 FROM journeys_version AS v
        JOIN journeys_journey AS j ON j.id = v.journey_id
        WHERE j.state = 'live' AND v.state <> 'draft' AND EXISTS (
            SELECT 1 FROM journeys_enrollment AS e
            WHERE e.version_id = v.id AND e.state = 1 AND e.due_at <= %(now)s
        )
    ),
    EXISTS (SELECT 1 FROM journeys_message WHERE state = 'pending' AND due_at <= %(now)s),
    EXISTS (
        SELECT 1 FROM journeys_request AS r
        JOIN journeys_journey AS j ON j.id = r.journey_id AND j.state <> 'paused'
        WHERE r.kind = 'webhook' AND r.state = 'pending' AND r.due_at <= %(now)s
    )

-- name: overdue
-- People of live journeys whose time has passed by more than the given while: zero in normal life.
SELECT v.journey_id, count(*)
FROM journeys_enrollment AS e
JOIN journeys_version AS v ON v.id = e.version_id
JOIN journeys_journey AS j ON j.id = v.journey_id
WHERE j.state = 'live' AND e.state = 1 AND e.due_at <= %(before)s
GROUP BY v.journey_id

-- name: quiet_versions
-- Retired versions with nobody inside and no conversion left to wait for: they need not hear of changes any more.
SELECT v.id
FROM journeys_version AS v
WHERE v.state = 'retired'
    AND v.id IN (SELECT substr(owner, 9)::bigint FROM profiles_interest WHERE consumer = 'journeys')
    AND NOT EXISTS (SELECT 1 FROM journeys_enrollment AS e WHERE e.version_id = v.id AND e.state = 1)
    AND %(now)s > v.goal_window_hours * interval '1 hour' + (
        SELECT min(later.published_at) FROM journeys_version AS later
        WHERE later.journey_id = v.journey_id AND later.number > v.number AND later.published_at IS NOT NULL
    )
