-- What of an order was delivered: it may be what a certification requires. Of orders from before, all that was paid
-- counts as delivered; the cart, which knows better, decides.
--
-- depends: 0130-customers

ALTER TABLE customer_orders
    ADD COLUMN lines jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN fulfilled text[] NOT NULL DEFAULT '{}';
UPDATE customer_orders o
SET lines = (SELECT coalesce(jsonb_object_agg(bought.place::text, bought.product_id), '{}')
             FROM unnest(o.product_ids) WITH ORDINALITY AS bought (product_id, place)),
    fulfilled = ARRAY(SELECT generate_series(1, cardinality(o.product_ids))::text);
COMMENT ON COLUMN customer_orders.lines IS 'Id of a line to its product.';
COMMENT ON COLUMN customer_orders.fulfilled IS 'Ids of the lines that were delivered.';
