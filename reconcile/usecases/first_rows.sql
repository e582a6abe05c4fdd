-- all_known_columns --
-- The same for every system, and whether its rows may have others.
SELECT system, arg_max(columns, number), arg_max(open_ended, number) FROM store.snapshot GROUP BY system ORDER BY system;
