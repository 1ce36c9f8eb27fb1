-- Figures are read for callers, and so is what is remembered of each subject.
--
-- depends: 0005-tenants-apart 0101-read-models

DO $$ BEGIN PERFORM keep_tenants_apart('conversion'); END $$;
DO $$ BEGIN PERFORM keep_tenants_apart('products'); END $$;
DO $$ BEGIN PERFORM keep_tenants_apart('checkout_operations'); END $$;
DO $$ BEGIN PERFORM keep_tenants_apart('conversion_subject'); END $$;
DO $$ BEGIN PERFORM keep_tenants_apart('products_subject'); END $$;
DO $$ BEGIN PERFORM keep_tenants_apart('checkout_operations_subject'); END $$;
