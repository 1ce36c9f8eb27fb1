-- What the copy had before each change, for reads of the past: a cart as it was shown at a moment.
--
-- depends: 0111-variants

-- Keep the history of a table: written by the database itself, once for each statement. Rows whose validity begins
-- anew leave what they were. A column that is added later goes to the same place in both tables, before valid_to.
CREATE FUNCTION keep_history(copied text, keys text) RETURNS void LANGUAGE plpgsql AS $do$
DECLARE
    history text := copied || '_history';
BEGIN
    EXECUTE format('CREATE TABLE %I (LIKE %I, valid_to timestamptz NOT NULL)', history, copied);
    EXECUTE format('CREATE INDEX ON %I (%s, valid_to)', history, keys);
    EXECUTE format('CREATE INDEX ON %I (valid_to)', history);
    EXECUTE format($make$
        CREATE FUNCTION %1$I() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
            INSERT INTO %1$I SELECT o.*, n.valid_from FROM gone o JOIN come n USING (%3$s)
            WHERE o.valid_from < n.valid_from;
            RETURN NULL;
        END $body$;
        CREATE TRIGGER keeps_history AFTER UPDATE ON %2$I REFERENCING OLD TABLE AS gone NEW TABLE AS come
            FOR EACH STATEMENT EXECUTE FUNCTION %1$I();
    $make$, history, copied, keys);
    PERFORM keep_tenants_apart(history::regclass);
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON %I TO %I', history, current_database());
END $do$;

DO $$ BEGIN PERFORM keep_history('catalogue_products', 'tenant, product_id'); END $$;
DO $$ BEGIN PERFORM keep_history('catalogue_promotions', 'tenant, promotion_id'); END $$;
DO $$ BEGIN PERFORM keep_history('catalogue_tax_rates', 'tenant, tax_rate_id'); END $$;
DO $$ BEGIN PERFORM keep_history('catalogue_entries', 'tenant, kind, id'); END $$;
DO $$ BEGIN PERFORM keep_history('catalogue_stock', 'tenant, product_id'); END $$;
DO $$ BEGIN PERFORM keep_history('catalogue_promotion_uses', 'tenant, customer_id, promotion_id'); END $$;
DO $$ BEGIN PERFORM keep_history('customers', 'tenant, customer_id'); END $$;
DO $$ BEGIN PERFORM keep_history('customer_orders', 'tenant, order_id'); END $$;

-- nothing waits for an index on an empty table
DO $$
BEGIN
    EXECUTE 'CREATE INDEX ON catalogue_entries_history (tenant, offer_id) WHERE offer_id IS NOT NULL';
    EXECUTE 'CREATE INDEX ON customer_orders_history (tenant, customer_id)';
END $$;
