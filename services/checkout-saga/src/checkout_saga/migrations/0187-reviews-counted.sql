-- Open reviews are counted for a metric, over all tenants.
--
-- depends: 0186-lines-counted
-- transactional: false

DROP INDEX CONCURRENTLY IF EXISTS claims_open_reviews;
CREATE INDEX CONCURRENTLY IF NOT EXISTS claims_open_reviews ON claims (value)
    WHERE kind = 'open_review';
