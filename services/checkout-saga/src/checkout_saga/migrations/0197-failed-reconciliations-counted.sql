-- Accounts that could not be reconciled are counted for a metric every few seconds, over all tenants.
--
-- depends: 0196-notifications-counted
-- transactional: false

-- the rest of an attempt that was interrupted
DROP INDEX CONCURRENTLY IF EXISTS claims_failed_reconciliations;
CREATE INDEX CONCURRENTLY IF NOT EXISTS claims_failed_reconciliations ON claims (value)
    WHERE kind = 'reconciliation_failed';
