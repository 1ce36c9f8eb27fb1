-- The keys of customers are read for callers.
--
-- depends: 0005-tenants-apart 0100-customer-keys

DO $$ BEGIN PERFORM keep_tenants_apart('customer_keys'); END $$;
