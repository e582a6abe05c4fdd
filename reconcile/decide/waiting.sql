-- waiting_people --
-- How many people wait for each source and cause, how many of them left and can still sign in, and the first of them, those who left first.
WITH shown AS (
    SELECT anchor, coalesce(name, '') AS name, anchor IN (SELECT anchor FROM working_leaver) AS leaving FROM frozen_name
)
SELECT waiting.source, waiting.why, count(*) AS people, count_if(shown.leaving) AS leavers,
    list([shown.name, shown.anchor] ORDER BY NOT shown.leaving, shown.anchor)[1:5] AS sample
FROM waiting_for AS waiting JOIN shown USING (anchor)
GROUP BY waiting.source, waiting.why ORDER BY leavers DESC, waiting.source, waiting.why;
