-- own_losses --
-- How many of some accounts are known members of an entitlement and are not in the read that is staged.
SELECT count(DISTINCT known.account_id) FROM store.membership_version AS known
WHERE known.system = $system AND known.entitlement_id = $entitlement_id AND known.valid_to IS NULL
    AND known.account_id IN (SELECT unnest($accounts::VARCHAR[]))
    AND NOT EXISTS (
        SELECT 1 FROM staged_membership AS new WHERE new.account_id = known.account_id AND new.entitlement_id = known.entitlement_id
    );
