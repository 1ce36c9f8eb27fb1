-- How many lines need an operator is asked every few seconds, over all tenants.
--
-- depends: 0185-lines-to-see-to
-- transactional: false

-- the rest of an attempt that was interrupted
DROP INDEX CONCURRENTLY IF EXISTS lines_to_see_to;
CREATE INDEX CONCURRENTLY IF NOT EXISTS lines_to_see_to ON claims (value)
    WHERE kind = 'line_to_see_to';
