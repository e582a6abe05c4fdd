-- held_through_groups_alone --
-- What rules grant to some accounts and they hold through something else alone, that can be granted: the number of accounts, and the first logins.
WITH asked AS MATERIALIZED (SELECT unnest($ids::VARCHAR[]) AS account_id),
held AS MATERIALIZED (
    SELECT account_id, entitlement_id FROM store.membership_version SEMI JOIN asked USING (account_id)
    WHERE system = $target AND valid_to IS NULL GROUP BY account_id, entitlement_id HAVING bool_and(via <> '')
),
granted AS (
    SELECT DISTINCT held.account_id, held.entitlement_id
    FROM held JOIN grantee USING (account_id)
    JOIN grant_row ON grant_row.anchor = grantee.anchor AND grant_row.entitlement_id = held.entitlement_id
)
SELECT entitlement.kind, entitlement.name, count(*) AS accounts,
    list(coalesce(nullif(account.login, ''), account_id) ORDER BY account.login, account_id)[1:3] AS first
FROM granted JOIN account USING (account_id) JOIN entitlement ON entitlement.id = granted.entitlement_id
WHERE entitlement.read_only = ''
GROUP BY entitlement.kind, entitlement.name ORDER BY entitlement.kind, entitlement.name;
