-- Database objects of journeys that models cannot express.

-- Enrollments are rewritten at every step: room on the page keeps the new version of a row beside the old one.
ALTER TABLE journeys_enrollment SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE journeys_message SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);
