-- Figures are read for callers, and so is what is remembered of each subject.
--
-- depends: 0005-tenants-apart 0101-read-models

SELECT keep_tenants_apart('conversion');
SELECT keep_tenants_apart('products');
SELECT keep_tenants_apart('checkout_operations');
SELECT keep_tenants_apart('conversion_subject');
SELECT keep_tenants_apart('products_subject');
SELECT keep_tenants_apart('checkout_operations_subject');
