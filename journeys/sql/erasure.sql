-- What journeys keep of somebody who is erased: counts without a name. Profile 0 is nobody.

-- name: enrollments
-- Whoever runs one of them holds its lock: this waits. Who was inside is taken out.
UPDATE journeys_enrollment
SET profile_id = 0, trigger_event_id = NULL, entry_key = '', due_at = NULL,
    reason = CASE WHEN state = 1 THEN %(reason)s ELSE reason END,
    ended_at = CASE WHEN state = 1 THEN %(now)s ELSE ended_at END,
    state = CASE WHEN state = 1 THEN 3 ELSE state END
WHERE profile_id = ANY(%(profiles)s::bigint[])
RETURNING id, version_id, node_id, ended_at = %(now)s AND reason = %(reason)s

-- name: steps
UPDATE journeys_step SET profile_id = 0, facts = NULL WHERE enrollment_id = ANY(%(enrollments)s::bigint[])

-- name: braked
DELETE FROM journeys_braked WHERE profile_id = ANY(%(profiles)s::bigint[])

-- name: requests
UPDATE journeys_request
SET profile_id = 0, trigger_event_id = NULL, answer = NULL, error = '',
    state = CASE WHEN state = 'pending' THEN 'cancelled' ELSE state END
WHERE profile_id = ANY(%(profiles)s::bigint[])

-- name: messages
-- What is on its way is settled by its sender, as a message to nobody.
UPDATE journeys_message
SET profile_id = 0, address = '', trigger_event_id = NULL,
    reason = CASE WHEN state = 'pending' THEN 'gone' ELSE reason END,
    state = CASE WHEN state = 'pending' THEN 'skipped' ELSE state END
WHERE profile_id = ANY(%(profiles)s::bigint[])
RETURNING id

-- name: deliveries
UPDATE journeys_delivery SET rendered = NULL, provider_message_id = '', error = ''
WHERE message_id = ANY(%(messages)s::bigint[])
