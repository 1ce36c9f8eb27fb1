-- The days of each customer in their order, without a look into the table: the gaps between them are read on
-- most pages about customers. And the few rows that take orders away, which decide on days without any.
--
-- depends: 0160-sales
-- transactional: false

DROP INDEX CONCURRENTLY IF EXISTS sales_of_customers;
CREATE INDEX CONCURRENTLY IF NOT EXISTS sales_of_customers
    ON sales (tenant, customer_id, day) INCLUDE (known, orders, currency);
DROP INDEX CONCURRENTLY IF EXISTS sales_cancelled;
CREATE INDEX CONCURRENTLY IF NOT EXISTS sales_cancelled
    ON sales (tenant, customer_id, currency, day) WHERE orders < 0;
