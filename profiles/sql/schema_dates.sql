-- Dates among attributes and properties, as `profiles.segments.values` reads them. Every statement may run again.

-- Immutable because a text that passes is ISO 8601 and, without a zone, is read as UTC whatever the session says. In
-- PL/pgSQL because a function in SQL that calls what is merely stable is not inlined, and then takes three times as long.
CREATE OR REPLACE FUNCTION profiles_moment(document jsonb, path text[]) RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    value text := document #>> path;
BEGIN
    IF value ~ '^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9])?)?$'
       AND pg_input_is_valid(value, 'timestamptz') THEN
        IF length(value) > 10 AND value ~ '(Z|[+-][0-9:]+)$' THEN
            RETURN value::timestamptz;
        END IF;
        RETURN value::timestamp AT TIME ZONE 'UTC';
    END IF;
    RETURN NULL;
END
$$;
