-- When customers were erased: orders of before it may be read after it, because the facts of an order and of its customer
-- stand on different partitions, and are then left out of the copy.
--
-- depends: 0153-abandoned-carts

CREATE TABLE erased_customers (
    tenant      text        NOT NULL,
    customer_id text        NOT NULL,
    erased_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant, customer_id)
);

DO $$ BEGIN PERFORM keep_tenants_apart('erased_customers'); END $$;
DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON erased_customers TO %I', current_database());
END $$;
