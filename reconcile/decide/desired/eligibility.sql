-- undecided_people --
-- How many people are frozen in this target because it cannot be said whether they are in one of the groups, how many of them have an account there, and the first of them.
SELECT count(*), count(account_id), coalesce(list([eligibility.name, eligibility.anchor] ORDER BY eligibility.anchor)[1:3], [])
FROM eligibility JOIN identity_situation AS situation USING (anchor)
WHERE eligibility.undecided;

-- entitled_by_operation --
-- Of some people: the operation in another target by which they come into a group that the target looks at.
SELECT anchor, needs FROM elsewhere_member
WHERE member AND needs <> '' AND anchor IN (SELECT unnest($anchors::VARCHAR[])) ORDER BY anchor;
