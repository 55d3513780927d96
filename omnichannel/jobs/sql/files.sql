-- name: append
WITH file AS (
    UPDATE jobs_storedfile SET size = size + %(length)s WHERE id = %(file)s RETURNING id, size - %(length)s AS start
)
INSERT INTO jobs_piece (file_id, start, data) SELECT id, start, %(data)s FROM file

-- name: read
-- Of the piece that holds the place, what is asked for; the next is asked for next.
SELECT substring(p.data FROM (%(at)s - p.start + 1)::int FOR %(length)s)
FROM jobs_piece p
WHERE p.file_id = %(file)s AND p.start <= %(at)s
ORDER BY p.start DESC
LIMIT 1
