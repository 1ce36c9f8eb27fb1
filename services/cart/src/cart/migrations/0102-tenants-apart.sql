-- The catalogue is read on behalf of callers, each of whom sees one tenant's rows.
--
-- depends: 0005-tenants-apart 0101-catalogue

DO $$ BEGIN PERFORM keep_tenants_apart('catalogue_products'); END $$;
DO $$ BEGIN PERFORM keep_tenants_apart('catalogue_promotions'); END $$;
DO $$ BEGIN PERFORM keep_tenants_apart('catalogue_tax_rates'); END $$;
