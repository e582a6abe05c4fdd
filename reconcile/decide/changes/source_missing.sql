-- make_vanished --
-- Accounts whose person is proven absent from every source, on as many dates as the mapping asks for.
--   account_id  VARCHAR  key
CREATE TABLE vanished_account AS SELECT unnest($ids::VARCHAR[]) AS account_id;

-- claimants --
-- The first person in the sources who matches each of some accounts that are linked to somebody else.
SELECT candidate.account_id, arg_min(eligibility.name, candidate.anchor) AS name, min(candidate.anchor) AS anchor
FROM candidate JOIN eligibility USING (anchor)
WHERE candidate.account_id IN (SELECT unnest($ids::VARCHAR[]))
GROUP BY candidate.account_id ORDER BY candidate.account_id;
