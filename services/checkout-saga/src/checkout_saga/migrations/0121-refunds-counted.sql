-- Refunds that wait for an operator are counted every few seconds, over all tenants.
--
-- depends: 0120-refunds-to-see-to
-- transactional: false

-- the rest of an attempt that was interrupted
DROP INDEX CONCURRENTLY IF EXISTS refunds_to_see_to;
CREATE INDEX CONCURRENTLY IF NOT EXISTS refunds_to_see_to ON claims (value)
    WHERE kind = 'refund_to_see_to';
