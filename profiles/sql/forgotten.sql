-- name: anybody
-- Whether anybody was erased.
SELECT 1 FROM profiles_erased LIMIT 1

-- name: known
-- Which of these hashes are kept, and since when. They come as one text: an array of them would cost the driver more
-- than the whole question costs here.
SELECT e.hash, e.at
FROM unnest(string_to_array(%(hashes)s, ' ')) AS given (hash)
JOIN profiles_erased e ON e.hash = decode(given.hash, 'hex')
