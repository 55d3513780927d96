-- name: there
-- Indexes of dates, and whether they are whole: one that was interrupted is not.
SELECT c.relname, i.indisvalid
FROM pg_class c
JOIN pg_index i ON i.indexrelid = c.oid
WHERE c.relname LIKE %(prefix)s AND i.indrelid IN ('profiles_profile'::regclass, 'profiles_event'::regclass)
