-- anchors_that_count --
-- The anchor that counts for each person who has one of these and is known by another.
SELECT anchor, identity FROM alias WHERE anchor IN (SELECT unnest($anchors::VARCHAR[])) AND anchor <> identity ORDER BY anchor;
