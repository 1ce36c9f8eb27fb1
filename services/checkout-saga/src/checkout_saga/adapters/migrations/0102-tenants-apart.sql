-- The keys of customers are read for callers.
--
-- depends: 0005-tenants-apart 0100-customer-keys

SELECT keep_tenants_apart('customer_keys');
