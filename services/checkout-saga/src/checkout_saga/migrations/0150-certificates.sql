-- A certificate is found by its code among those of all tenants: a request with the code has no key.
--
-- depends: 0001-log
-- transactional: false

DROP INDEX CONCURRENTLY IF EXISTS certificates;
CREATE INDEX CONCURRENTLY IF NOT EXISTS certificates ON claims (value) WHERE kind = 'certificate';
