-- The list of products, with what it can be searched by, kept from the service's own facts.
--
-- depends: 0005-tenants-apart

CREATE TABLE product_list (
    tenant     text NOT NULL,
    product_id uuid NOT NULL,
    status     text NOT NULL,
    type       text NOT NULL,
    name_key   text NOT NULL COLLATE "C",
    category   text,
    brand      text,
    vendor_id  text,
    variant_of uuid,
    details    jsonb NOT NULL,
    PRIMARY KEY (tenant, product_id)
);
COMMENT ON COLUMN product_list.name_key IS 'The name in lower case and without accents.';
COMMENT ON COLUMN product_list.category IS 'Of a variant without one: that of its parent. Prices and collections likewise.';
COMMENT ON COLUMN product_list.details IS 'What the product itself has, as in its last fact.';
CREATE INDEX product_list_by_name ON product_list (tenant, name_key, product_id);
CREATE INDEX product_list_by_category ON product_list (tenant, category, product_id);
CREATE INDEX product_list_by_brand ON product_list (tenant, brand, product_id);
CREATE INDEX product_list_by_vendor ON product_list (tenant, vendor_id, product_id);
CREATE INDEX product_list_by_parent ON product_list (tenant, variant_of, product_id);

CREATE TABLE product_list_terms (
    tenant     text NOT NULL,
    kind       text NOT NULL,
    value      text NOT NULL COLLATE "C",
    product_id uuid NOT NULL,
    PRIMARY KEY (tenant, kind, value, product_id)
);
COMMENT ON COLUMN product_list_terms.kind IS 'word: of name, SKU, brand or category; collection.';
CREATE INDEX product_list_terms_by_product ON product_list_terms (tenant, product_id);

CREATE TABLE product_list_prices (
    tenant     text   NOT NULL,
    product_id uuid   NOT NULL,
    currency   text   NOT NULL,
    amount     bigint NOT NULL,
    PRIMARY KEY (tenant, product_id, currency)
);
COMMENT ON TABLE product_list_prices IS 'Prices for all countries and customers.';
CREATE INDEX product_list_prices_by_amount ON product_list_prices (tenant, currency, amount, product_id);

CREATE TABLE product_list_place (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint  NOT NULL DEFAULT 0
);
COMMENT ON COLUMN product_list_place.position IS 'How far the list follows the log.';
INSERT INTO product_list_place DEFAULT VALUES;

DO $$ BEGIN PERFORM keep_tenants_apart('product_list'); END $$;
DO $$ BEGIN PERFORM keep_tenants_apart('product_list_terms'); END $$;
DO $$ BEGIN PERFORM keep_tenants_apart('product_list_prices'); END $$;
DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON
        product_list, product_list_terms, product_list_prices TO %I', current_database());
    EXECUTE format('GRANT SELECT, UPDATE ON product_list_place TO %I', current_database());
END $$;
