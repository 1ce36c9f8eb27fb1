-- The carts that were abandoned at least once, by customer: a condition of the steps of funnels. It follows the service's
-- own log, with cart_holding. The release before has recorded no abandonment.
--
-- depends: 0152-counts-from-the-first-fact

CREATE TABLE abandoned_carts (
    tenant      text NOT NULL,
    cart_id     uuid PRIMARY KEY,
    customer_id text
);
COMMENT ON COLUMN abandoned_carts.customer_id IS 'NULL while the cart has no customer.';
CREATE INDEX abandoned_carts_by_customer ON abandoned_carts (tenant, customer_id) WHERE customer_id IS NOT NULL;

DO $$ BEGIN PERFORM keep_tenants_apart('abandoned_carts'); END $$;
DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON abandoned_carts TO %I', current_database());
END $$;
