-- not_started --
-- The people who should have an account, and whose first working day is still to come.
SELECT anchor FROM eligibility WHERE NOT started ORDER BY anchor;
