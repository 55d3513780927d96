-- Days of the year, as 100 times the month and the day, in UTC: so birthdays stand in order in an index. May run again.
-- Its own search path: what makes or reads an index (CREATE INDEX, ANALYZE, VACUUM) sees the system's functions alone.

CREATE OR REPLACE FUNCTION profiles_year_day(document jsonb, path text[]) RETURNS int
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path FROM CURRENT AS $$
DECLARE
    at timestamp := profiles_moment(document, path) AT TIME ZONE 'UTC';
BEGIN
    RETURN extract(month FROM at)::int * 100 + extract(day FROM at)::int;
END
$$;
