-- What referrers' rewards depend on: the amounts of an order's lines, and its subtotal. Orders from before earn none.
--
-- depends: 0140-customer-links

ALTER TABLE customer_orders
    ADD COLUMN nets jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN subtotal bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN customer_orders.nets IS 'Id of a line to what was charged for it, without tax.';
