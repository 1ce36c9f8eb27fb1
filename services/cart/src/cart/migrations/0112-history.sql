-- What the copy had before each change, for reads of the past: a cart as it was shown at a moment.
--
-- depends: 0111-variants

-- Written by the database itself, once for each statement: rows whose validity begins anew leave what they were.
DO $do$
DECLARE
    copied record;
BEGIN
    FOR copied IN
        SELECT * FROM (VALUES
            ('catalogue_products', 'tenant, product_id'),
            ('catalogue_promotions', 'tenant, promotion_id'),
            ('catalogue_tax_rates', 'tenant, tax_rate_id'),
            ('catalogue_entries', 'tenant, kind, id'),
            ('catalogue_stock', 'tenant, product_id'),
            ('catalogue_promotion_uses', 'tenant, customer_id, promotion_id'),
            ('customers', 'tenant, customer_id'),
            ('customer_orders', 'tenant, order_id')
        ) AS tables (name, keys)
    LOOP
        EXECUTE format('CREATE TABLE %I (LIKE %I, valid_to timestamptz NOT NULL)',
                       copied.name || '_history', copied.name);
        EXECUTE format('CREATE INDEX ON %I (%s, valid_to)', copied.name || '_history', copied.keys);
        EXECUTE format('CREATE INDEX ON %I (valid_to)', copied.name || '_history');
        EXECUTE format($make$
            CREATE FUNCTION %1$I() RETURNS trigger LANGUAGE plpgsql AS $body$
            BEGIN
                INSERT INTO %1$I SELECT o.*, n.valid_from FROM gone o JOIN come n USING (%3$s)
                WHERE o.valid_from < n.valid_from;
                RETURN NULL;
            END $body$;
            CREATE TRIGGER keeps_history AFTER UPDATE ON %2$I REFERENCING OLD TABLE AS gone NEW TABLE AS come
                FOR EACH STATEMENT EXECUTE FUNCTION %1$I();
        $make$, copied.name || '_history', copied.name, copied.keys);
        PERFORM keep_tenants_apart((copied.name || '_history')::regclass);
        EXECUTE format('GRANT SELECT, INSERT, DELETE ON %I TO %I', copied.name || '_history', current_database());
    END LOOP;
    EXECUTE 'CREATE INDEX ON catalogue_entries_history (tenant, offer_id) WHERE offer_id IS NOT NULL';
    EXECUTE 'CREATE INDEX ON customer_orders_history (tenant, customer_id)';
END $do$;
