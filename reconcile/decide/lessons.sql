-- lessons --
-- What one target taught.
SELECT verb, subject, entitlement, attribute, kind, wanted, shown, sentence, rules, since
FROM store.lesson WHERE target = $target
ORDER BY verb, subject, entitlement, attribute;
