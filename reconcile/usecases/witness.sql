-- kept_log_events --
-- The kept events of a system between two moments that are about one of some accounts.
SELECT uuid, published, type, actor, actor_name, targets, changed, request_id
FROM store.log_event
WHERE system = $system AND published >= $since AND published < $until AND list_has_any(targets, $ids::VARCHAR[])
ORDER BY published, uuid;
