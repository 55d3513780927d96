-- Database objects of people that models cannot express. Every statement may run again.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- What a search over people reads: names, e-mail, phone, in lower case.
CREATE OR REPLACE FUNCTION profiles_search_text(attributes jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lower(left(
        coalesce(attributes ->> 'first_name', '') || ' ' || coalesce(attributes ->> 'last_name', '') || ' '
        || coalesce(attributes ->> 'name', '') || ' ' || coalesce(attributes ->> 'email', '') || ' '
        || coalesce(attributes ->> 'phone', ''), 1000))
$$;

-- Kept as a column: other attributes change all day, and an update that leaves this text as it is then writes no index,
-- where the page has room for the new row.
ALTER TABLE profiles_profile
    ADD COLUMN IF NOT EXISTS search_text text GENERATED ALWAYS AS (profiles_search_text(attributes)) STORED;
ALTER TABLE profiles_profile SET (fillfactor = 85);
CREATE INDEX IF NOT EXISTS profile_search ON profiles_profile USING gin (search_text gin_trgm_ops)
    WHERE merged_into_id IS NULL;

-- The outbox is emptied as it fills: its statistics are worthless a moment later, so vacuum by number, not by share.
ALTER TABLE profiles_change SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
