-- The catalogue is read for callers.
--
-- depends: 0005-tenants-apart 0101-catalogue

SELECT keep_tenants_apart('catalogue_products');
SELECT keep_tenants_apart('catalogue_promotions');
SELECT keep_tenants_apart('catalogue_tax_rates');
