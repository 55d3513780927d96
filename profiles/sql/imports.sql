-- name: note_people
-- Who a file names, once: the first row counts. Fewer rows back than given: the others were named by rows before.
INSERT INTO profiles_importedperson (file_import_id, profile_id, "row", outcome)
SELECT %(file_import)s, p.id, p.at_row, p.outcome
FROM unnest(%(profiles)s::bigint[], %(rows)s::bigint[], %(outcomes)s::text[]) AS p (id, at_row, outcome)
ORDER BY p.id
ON CONFLICT (file_import_id, profile_id) DO NOTHING
RETURNING profile_id

-- name: note_keys
-- The same for a check, by hashes.
INSERT INTO profiles_checkedkey (job_id, hash)
SELECT %(job)s, h FROM unnest(%(hashes)s::bigint[]) AS h
ON CONFLICT (job_id, hash) DO NOTHING
RETURNING hash

-- name: forget_keys
DELETE FROM profiles_checkedkey WHERE job_id = %(job)s

-- name: refused
-- Who said no to a topic: a file does not turn that into a yes.
SELECT profile_id, topic_id
FROM profiles_consent
WHERE NOT subscribed AND channel = '' AND profile_id = ANY(%(profiles)s::bigint[])
  AND topic_id = ANY(%(topics)s::bigint[])

-- name: people
-- Who came with a file, by what became of them; merged people stand for those they have become.
SELECT i.id, COALESCE(p.merged_into_id, p.id)
FROM profiles_importedperson i
JOIN profiles_profile p ON p.id = i.profile_id
WHERE i.file_import_id = %(file_import)s AND i.outcome = ANY(%(outcomes)s::text[]) AND i.id > %(after)s
ORDER BY i.id
LIMIT %(limit)s
