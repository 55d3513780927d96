-- Pieces are read in parts: uncompressed, a part costs no more than itself.
ALTER TABLE jobs_piece ALTER COLUMN data SET STORAGE EXTERNAL;
