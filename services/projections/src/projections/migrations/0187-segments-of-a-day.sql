-- The segment of a customer on a day, in whichever currency it was set last: one look into the index, where
-- the primary key has all days of each currency.
--
-- depends: 0186-figures-kept-late
-- transactional: false

DROP INDEX CONCURRENTLY IF EXISTS customer_segments_of_day;
CREATE INDEX CONCURRENTLY IF NOT EXISTS customer_segments_of_day
    ON customer_segment (tenant, customer_id, from_day DESC, currency) INCLUDE (segment);
