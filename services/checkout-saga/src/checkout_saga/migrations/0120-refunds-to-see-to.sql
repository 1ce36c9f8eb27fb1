-- Refunds that were refused before operators were called for them are put into their list.
--
-- depends: 0005-tenants-apart

-- the owner of the table is under its row-level security like everybody, and has no policy
ALTER TABLE claims NO FORCE ROW LEVEL SECURITY;
INSERT INTO claims (tenant, kind, value, holder)
SELECT tenant, 'refund_to_see_to', refund_id, stream_id
FROM (
    SELECT DISTINCT ON (stream_id, refund_id) tenant, stream_id, refund_id, type,
           bool_or(type = 'order.refund_resolved') OVER (PARTITION BY stream_id, refund_id) AS seen_to
    FROM (
        SELECT tenant, stream_id, version, type, convert_from(body, 'UTF8')::jsonb ->> 'refund_id' AS refund_id
        FROM log WHERE type IN ('order.refund_requested', 'order.refund_retried', 'order.refund_stuck',
                                'order.refund_failed', 'order.refund_resolved', 'order.refunded')
    ) told
    WHERE refund_id IS NOT NULL
    ORDER BY stream_id, refund_id, version DESC
) refunds
WHERE type = 'order.refund_failed' AND NOT seen_to
ON CONFLICT DO NOTHING;
ALTER TABLE claims FORCE ROW LEVEL SECURITY;
