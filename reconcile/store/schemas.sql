-- working_catalog --
-- Where working tables are made.
SELECT current_database();
