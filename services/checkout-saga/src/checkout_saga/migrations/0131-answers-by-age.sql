-- Of keys that are kept for ever, retention looks only at those whose answers still have a body.
--
-- depends: 0130-checkout-rates
-- transactional: false

DROP INDEX CONCURRENTLY IF EXISTS answers_by_age;
CREATE INDEX CONCURRENTLY IF NOT EXISTS answers_by_age ON idempotency (recorded_at)
    WHERE body IS NOT NULL OR status IS NULL;
