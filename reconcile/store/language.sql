-- syntax_tree --
-- The tree of a text that is read as the select list of a query; the text is data here and is never run.
SELECT json_serialize_sql('SELECT ' || $text::VARCHAR);

-- one_row --
-- A row to look at types with.
SELECT 1;

-- scalar_functions --
-- The least stable overload of every scalar function.
SELECT lower(function_name), CASE WHEN bool_and(stability = 'CONSISTENT') THEN 'CONSISTENT' ELSE 'VOLATILE' END
FROM duckdb_functions() WHERE function_type = 'scalar' GROUP BY 1 ORDER BY 1;

-- other_functions --
-- Every function that is not scalar, with its kind.
SELECT lower(function_name), min(function_type) FROM duckdb_functions() WHERE function_type <> 'scalar' GROUP BY 1 ORDER BY 1;
