-- depends: 0110-entries
-- transactional: false

DROP INDEX CONCURRENTLY IF EXISTS catalogue_products_variants;
CREATE INDEX CONCURRENTLY IF NOT EXISTS catalogue_products_variants ON catalogue_products (tenant, variant_of)
    WHERE variant_of IS NOT NULL;
