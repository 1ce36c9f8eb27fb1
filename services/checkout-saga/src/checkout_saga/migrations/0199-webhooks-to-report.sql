-- Webhooks that were not processed are looked for by each reconciliation of their account.
--
-- depends: 0198-webhooks-refused
-- transactional: false

-- the rest of an attempt that was interrupted
DROP INDEX CONCURRENTLY IF EXISTS webhooks_to_report;
CREATE INDEX CONCURRENTLY IF NOT EXISTS webhooks_to_report ON webhook (account_id, received_at)
    WHERE reported_at IS NULL AND state IN ('unmatched', 'unreadable');
