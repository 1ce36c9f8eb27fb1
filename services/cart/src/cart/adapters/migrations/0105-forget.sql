-- The names under which carts are listed go some time after their cart has ended: found by the age of the cart's id.
--
-- depends: 0001-log

CREATE INDEX names_of_carts_by_age ON claims (holder) WHERE kind IN ('session_cart', 'customer_cart');
