-- make_counted_people --
-- Everybody, with a number for the expressions that count.
--   anchor  VARCHAR  key
--   ...
CREATE TABLE counted_person AS SELECT *, '2' AS number FROM identity;
