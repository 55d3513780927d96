-- What questions about the amount of an event are answered from. Every statement may run again.

-- A number as `profiles.segments.values` reads it.
CREATE OR REPLACE FUNCTION profiles_number(value jsonb) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE jsonb_typeof(value)
        WHEN 'number' THEN value::numeric
        WHEN 'string' THEN
            CASE WHEN value #>> '{}' ~ '^[+-]?[0-9]{1,30}(\.[0-9]{1,30})?$' THEN (value #>> '{}')::numeric END
    END
$$;

-- The one property that is summed and compared most stands in a column, so that an index can carry it: reading it from
-- the events themselves means fetching nearly every page of the table. An absurd number would not fit into the index.
ALTER TABLE profiles_event ADD COLUMN IF NOT EXISTS total numeric GENERATED ALWAYS AS (
    CASE WHEN abs(profiles_number(properties -> 'total')) < 1e310 THEN profiles_number(properties -> 'total') END
) STORED;

CREATE INDEX IF NOT EXISTS event_total ON profiles_event (name, occurred_at) INCLUDE (profile_id, total)
    WHERE total IS NOT NULL;
