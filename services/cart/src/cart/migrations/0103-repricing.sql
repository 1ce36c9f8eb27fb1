-- Repricing of open carts: the products whose price has changed, and the index of the carts that hold a product.
--
-- depends: 0102-tenants-apart

CREATE TABLE repricing (
    tenant         text NOT NULL,
    product_id     uuid NOT NULL,
    after_cart     uuid NOT NULL,
    correlation_id text NOT NULL,
    causation_id   text NOT NULL,
    traceparent    text,
    occurred_at    timestamptz,
    PRIMARY KEY (tenant, product_id)
);
COMMENT ON COLUMN repricing.after_cart IS 'The carts up to this one have been looked at.';

CREATE TABLE cart_holding (
    tenant     text NOT NULL,
    product_id uuid NOT NULL,
    cart_id    uuid NOT NULL,
    PRIMARY KEY (tenant, product_id, cart_id)
);
COMMENT ON TABLE cart_holding IS 'Each cart that is not closed, with every product that was ever put into it.';
CREATE INDEX cart_holding_by_cart ON cart_holding (cart_id);

CREATE TABLE cart_holding_place (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint  NOT NULL DEFAULT 0
);
COMMENT ON COLUMN cart_holding_place.position IS 'How far cart_holding follows the log.';
INSERT INTO cart_holding_place DEFAULT VALUES;

DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON repricing, cart_holding TO %I', current_database());
    EXECUTE format('GRANT SELECT, UPDATE ON cart_holding_place TO %I', current_database());
END $$;
