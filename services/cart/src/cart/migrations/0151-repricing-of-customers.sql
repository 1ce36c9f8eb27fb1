-- Repricing of all carts of a tenant, whose rounding has changed, and of one customer's, whose segments have.
--
-- depends: 0103-repricing

ALTER TABLE repricing ADD COLUMN customer_id text;
COMMENT ON COLUMN repricing.product_id IS 'A product, an offer or an upsell; all zeros: everything of the tenant; with customer_id, an id made of it.';
COMMENT ON COLUMN repricing.customer_id IS 'The customer whose carts are meant; NULL: all carts that hold the product.';
