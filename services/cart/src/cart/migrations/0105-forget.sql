-- The keys by which a cart is listed are deleted some time after it has ended; they are found by the age of the cart's id.
--
-- depends: 0001-log

CREATE INDEX names_of_carts_by_age ON claims (holder) WHERE kind IN ('session_cart', 'customer_cart');
