-- Reconciliations read the payments of some hours or days. The log is written in the order of time, so an index of
-- ranges of its pages is small, and costs its writers next to nothing.
--
-- depends: 0001-log
-- transactional: false

DROP INDEX CONCURRENTLY IF EXISTS log_by_time;
CREATE INDEX CONCURRENTLY IF NOT EXISTS log_by_time ON log USING brin (recorded_at);
