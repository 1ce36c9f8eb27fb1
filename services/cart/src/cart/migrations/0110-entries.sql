-- The copy of what is sold beside products: offers, upsells, steps, experiments, campaigns, shipping rates, the
-- pricing policy; stock; and of customers, as far as prices depend on them.
--
-- depends: 0105-forget

CREATE TABLE catalogue_entries (
    tenant     text        NOT NULL,
    kind       text        NOT NULL,
    id         uuid        NOT NULL,
    offer_id   uuid,
    version    bigint      NOT NULL,
    status     text        NOT NULL,
    slug       text,
    data       jsonb       NOT NULL,
    valid_from timestamptz NOT NULL,
    PRIMARY KEY (tenant, kind, id)
);
COMMENT ON TABLE catalogue_entries IS 'Each is read as a whole; kind says what it is, and which contract its data have.';
COMMENT ON COLUMN catalogue_entries.offer_id IS 'The offer that it belongs to; NULL: to none.';
COMMENT ON COLUMN catalogue_entries.valid_from IS 'Since when this copy has it like this.';
CREATE INDEX catalogue_entries_of_offer ON catalogue_entries (tenant, offer_id, kind) WHERE offer_id IS NOT NULL;
CREATE INDEX catalogue_entries_by_slug ON catalogue_entries (tenant, slug) WHERE slug IS NOT NULL;

CREATE TABLE catalogue_stock (
    tenant           text        NOT NULL,
    product_id       uuid        NOT NULL,
    version          bigint      NOT NULL,
    on_hand          bigint      NOT NULL,
    reserved         bigint      NOT NULL,
    allow_backorders boolean     NOT NULL,
    valid_from       timestamptz NOT NULL,
    PRIMARY KEY (tenant, product_id)
);

CREATE TABLE catalogue_promotion_uses (
    tenant       text    NOT NULL,
    customer_id  text    NOT NULL,
    promotion_id uuid    NOT NULL,
    uses         bigint  NOT NULL,
    valid_from   timestamptz NOT NULL,
    PRIMARY KEY (tenant, customer_id, promotion_id)
);
COMMENT ON TABLE catalogue_promotion_uses IS 'Uses by each customer of the promotions that limit them: reserved or redeemed, and not given back.';

CREATE TABLE customers (
    tenant         text        NOT NULL,
    customer_id    text        NOT NULL,
    version        bigint      NOT NULL,
    segments       text[]      NOT NULL,
    qualifications text[]      NOT NULL,
    email_verified boolean     NOT NULL,
    valid_from     timestamptz NOT NULL,
    PRIMARY KEY (tenant, customer_id)
);

CREATE TABLE customer_orders (
    tenant      text        NOT NULL,
    order_id    uuid        NOT NULL,
    customer_id text        NOT NULL,
    version     bigint      NOT NULL,
    status      text        NOT NULL,
    currency    text        NOT NULL,
    total       bigint      NOT NULL,
    lines       jsonb       NOT NULL,
    fulfilled   text[]      NOT NULL,
    valid_from  timestamptz NOT NULL,
    PRIMARY KEY (tenant, order_id)
);
COMMENT ON COLUMN customer_orders.status IS 'created, paid or cancelled; a refunded order stays paid.';
COMMENT ON COLUMN customer_orders.lines IS 'The product of each line, by line_id.';
COMMENT ON COLUMN customer_orders.fulfilled IS 'Ids of lines.';
CREATE INDEX customer_orders_by_customer ON customer_orders (tenant, customer_id);

ALTER TABLE catalogue_products ADD COLUMN variant_of uuid;
COMMENT ON COLUMN catalogue_products.variant_of IS 'The product of which it is one variant.';
ALTER TABLE catalogue_products ADD COLUMN valid_from timestamptz NOT NULL DEFAULT '-infinity';
ALTER TABLE catalogue_promotions ADD COLUMN valid_from timestamptz NOT NULL DEFAULT '-infinity';
ALTER TABLE catalogue_tax_rates ADD COLUMN valid_from timestamptz NOT NULL DEFAULT '-infinity';

COMMENT ON COLUMN repricing.product_id IS 'A product, an offer or an upsell.';
COMMENT ON COLUMN cart_holding.product_id IS 'A product, an offer or an upsell.';
COMMENT ON TABLE cart_holding IS 'Each cart that is not closed, with all that was ever put into it.';

DO $$ BEGIN PERFORM keep_tenants_apart('catalogue_entries'); END $$;
DO $$ BEGIN PERFORM keep_tenants_apart('catalogue_stock'); END $$;
DO $$ BEGIN PERFORM keep_tenants_apart('catalogue_promotion_uses'); END $$;
DO $$ BEGIN PERFORM keep_tenants_apart('customers'); END $$;
DO $$ BEGIN PERFORM keep_tenants_apart('customer_orders'); END $$;

DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON catalogue_entries, catalogue_stock, catalogue_promotion_uses
                    TO %I', current_database());
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON customers, customer_orders TO %I', current_database());
END $$;
