-- Differences that wait for an operator are counted for a metric, over all tenants. Those that were resolved stay listed
-- for ever, so they are left out.
--
-- depends: 0166-webhooks-cleared-up
-- transactional: false

DROP INDEX CONCURRENTLY IF EXISTS claims_open_differences;
CREATE INDEX CONCURRENTLY IF NOT EXISTS claims_open_differences ON claims (tenant)
    WHERE kind = 'difference' AND starts_with(value, 'open/');
