-- The offer service's copy of the customers' profiles and of what they have bought, kept from the checkout's facts.
--
-- depends: 0005-tenants-apart

CREATE TABLE customers (
    tenant      text    NOT NULL,
    customer_id text    NOT NULL,
    version     bigint NOT NULL,
    profile     jsonb   NOT NULL,
    PRIMARY KEY (tenant, customer_id)
);

CREATE TABLE customer_orders (
    tenant      text    NOT NULL,
    order_id    uuid    NOT NULL,
    customer_id text    NOT NULL,
    currency    text    NOT NULL,
    amount      bigint  NOT NULL,
    product_ids uuid[]  NOT NULL,
    paid        boolean NOT NULL,
    cancelled   boolean NOT NULL,
    PRIMARY KEY (tenant, order_id)
);
COMMENT ON COLUMN customers.profile IS 'Segments, qualifications and whether the e-mail address is verified.';
COMMENT ON COLUMN customer_orders.paid IS 'Paid, or free. An order counts if it is paid and not cancelled.';
CREATE INDEX customer_orders_by_customer ON customer_orders (tenant, customer_id);

DO $$ BEGIN PERFORM keep_tenants_apart('customers'); END $$;
DO $$ BEGIN PERFORM keep_tenants_apart('customer_orders'); END $$;
DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON customers, customer_orders TO %I', current_database());
END $$;
