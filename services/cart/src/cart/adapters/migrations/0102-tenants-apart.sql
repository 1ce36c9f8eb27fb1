-- The catalogue is read for callers.
--
-- depends: 0005-tenants-apart 0101-catalogue

DO $$ BEGIN PERFORM keep_tenants_apart('catalogue_products'); END $$;
DO $$ BEGIN PERFORM keep_tenants_apart('catalogue_promotions'); END $$;
DO $$ BEGIN PERFORM keep_tenants_apart('catalogue_tax_rates'); END $$;
