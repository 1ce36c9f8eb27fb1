-- Which open checkouts have a deadline of their own is asked every few seconds, over all tenants.
--
-- depends: 0101-open-checkouts
-- transactional: false

-- the rest of an attempt that was interrupted
DROP INDEX CONCURRENTLY IF EXISTS moved_deadlines;
CREATE INDEX CONCURRENTLY IF NOT EXISTS moved_deadlines ON claims (holder) INCLUDE (value)
    WHERE kind = 'moved_deadline';
