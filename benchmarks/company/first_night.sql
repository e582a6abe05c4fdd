-- without_accounts --
-- The first night: nobody has an account yet.
DELETE FROM store.record_version WHERE system = 'okta';

-- without_members --
-- So nobody is in a group.
DELETE FROM store.membership_version WHERE system = 'okta';

-- without_granted --
-- Nothing was given.
DELETE FROM store.granted;

-- without_links --
-- And nobody is linked.
DELETE FROM store.link;
