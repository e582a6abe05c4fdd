-- drop_declared --
-- Deletes the attributes that a target declared at its last read.
DELETE FROM store.declared_attribute WHERE system = $system;

-- add_declared --
-- What a target declares that its attributes take.
INSERT INTO store.declared_attribute SELECT $system, unnest($names::VARCHAR[]), unnest($texts::VARCHAR[]);

-- declared --
-- What a target declared that its attributes take.
SELECT name, declaration FROM store.declared_attribute WHERE system = $system ORDER BY name, declaration;

-- tried_pattern --
-- Whether a regular expression matches nothing; fails where it is none.
SELECT regexp_matches('', $pattern) AS matches;
