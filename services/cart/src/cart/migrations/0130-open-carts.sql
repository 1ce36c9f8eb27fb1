-- The open carts of a tenant in the order of their ids: for runs that bring the current prices into them.
--
-- depends: 0110-entries
-- transactional: false

DROP INDEX CONCURRENTLY IF EXISTS cart_holding_by_tenant;
CREATE INDEX CONCURRENTLY IF NOT EXISTS cart_holding_by_tenant ON cart_holding (tenant, cart_id);
