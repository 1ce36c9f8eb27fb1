-- By how much the figures of products have changed of late. A list of products is gone on with as it was when its
-- first page was read: what has changed since is taken off again. Whatever changes the table is noted, live
-- applying and rebuilds alike.
--
-- depends: 0005-tenants-apart 0101-read-models

CREATE TABLE products_change (
    tenant     text        NOT NULL,
    day        date        NOT NULL,
    currency   text        NOT NULL COLLATE "C",
    product_id uuid        NOT NULL,
    times_sold bigint      NOT NULL,
    quantity   bigint      NOT NULL,
    revenue    bigint      NOT NULL,
    changed_by xid8        NOT NULL DEFAULT pg_current_xact_id(),
    changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX products_change_of_late ON products_change (tenant, changed_at);
CREATE INDEX products_change_of_old ON products_change (changed_at);
COMMENT ON COLUMN products_change.changed_by IS 'Tells exactly whether a reader has seen it: times do not.';

CREATE FUNCTION products_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO public.products_change
        SELECT tenant, day, currency, product_id, times_sold, quantity, revenue FROM come;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO public.products_change
        SELECT tenant, day, currency, product_id, -times_sold, -quantity, -revenue FROM gone;
    ELSE
        INSERT INTO public.products_change
        SELECT tenant, day, currency, product_id, come.times_sold - gone.times_sold,
               come.quantity - gone.quantity, come.revenue - gone.revenue
        FROM come JOIN gone USING (tenant, day, currency, product_id, sku, name);
    END IF;
    DELETE FROM public.products_change WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM public.products_change WHERE changed_at < now() - interval '2 hours'
        ORDER BY changed_at LIMIT 1000 FOR UPDATE SKIP LOCKED));
    RETURN NULL;
END $$;
CREATE TRIGGER products_come AFTER INSERT ON products REFERENCING NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION products_changed();
CREATE TRIGGER products_move AFTER UPDATE ON products REFERENCING OLD TABLE AS gone NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION products_changed();
CREATE TRIGGER products_go AFTER DELETE ON products REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION products_changed();

DO $$ BEGIN PERFORM keep_tenants_apart('products_change'); END $$;
DO $$
DECLARE
    service text := current_database();
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON products_change TO %I', service);
END $$;
