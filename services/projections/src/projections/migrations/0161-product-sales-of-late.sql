-- By how much the figures of products have changed of late, as in 0120-products-of-late.
--
-- depends: 0005-tenants-apart 0160-sales

CREATE TABLE product_sales_change (
    tenant     text        NOT NULL,
    day        date        NOT NULL,
    currency   text        NOT NULL COLLATE "C",
    product_id uuid        NOT NULL,
    known      date        NOT NULL,
    times_sold bigint      NOT NULL,
    quantity   bigint      NOT NULL,
    revenue    bigint      NOT NULL,
    changed_by xid8        NOT NULL DEFAULT pg_current_xact_id(),
    changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX product_sales_change_of_late ON product_sales_change (tenant, changed_at);
CREATE INDEX product_sales_change_of_old ON product_sales_change (changed_at);
COMMENT ON COLUMN product_sales_change.changed_by IS
    'Decides exactly whether a reader has seen the change: times do not.';

CREATE FUNCTION product_sales_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO public.product_sales_change
        SELECT tenant, day, currency, product_id, known, times_sold, quantity, revenue FROM come;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO public.product_sales_change
        SELECT tenant, day, currency, product_id, known, -times_sold, -quantity, -revenue FROM gone;
    ELSE
        INSERT INTO public.product_sales_change
        SELECT tenant, day, currency, product_id, known, come.times_sold - gone.times_sold,
               come.quantity - gone.quantity, come.revenue - gone.revenue
        FROM come JOIN gone USING (tenant, day, currency, product_id, sku, name, known);
    END IF;
    DELETE FROM public.product_sales_change WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM public.product_sales_change WHERE changed_at < now() - interval '2 hours'
        ORDER BY changed_at LIMIT 1000 FOR UPDATE SKIP LOCKED));
    RETURN NULL;
END $$;
CREATE TRIGGER product_sales_come AFTER INSERT ON product_sales REFERENCING NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION product_sales_changed();
CREATE TRIGGER product_sales_move AFTER UPDATE ON product_sales REFERENCING OLD TABLE AS gone NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION product_sales_changed();
CREATE TRIGGER product_sales_go AFTER DELETE ON product_sales REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION product_sales_changed();

DO $$ BEGIN PERFORM keep_tenants_apart('product_sales_change'); END $$;
DO $$ BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON product_sales_change TO %I', current_database());
END $$;
