-- The cart service's projection of the catalogue, kept from the offer service's facts.
--
-- depends: 0004-access

CREATE TABLE catalogue_products (
    tenant     text    NOT NULL,
    product_id uuid    NOT NULL,
    version    integer NOT NULL,
    status     text    NOT NULL,
    details    jsonb   NOT NULL,
    PRIMARY KEY (tenant, product_id)
);

CREATE TABLE catalogue_promotions (
    tenant       text    NOT NULL,
    promotion_id uuid    NOT NULL,
    version      integer NOT NULL,
    code         text,
    disabled     boolean NOT NULL,
    uses         integer NOT NULL,
    terms        jsonb   NOT NULL,
    PRIMARY KEY (tenant, promotion_id)
);
COMMENT ON COLUMN catalogue_promotions.code IS 'As it is looked up; NULL: applies by itself.';
COMMENT ON COLUMN catalogue_promotions.uses IS 'Reserved or redeemed, and not given back.';
CREATE INDEX catalogue_promotions_by_code ON catalogue_promotions (tenant, code);

CREATE TABLE catalogue_tax_rates (
    tenant      text    NOT NULL,
    tax_rate_id uuid    NOT NULL,
    version     integer NOT NULL,
    rate        jsonb   NOT NULL,
    PRIMARY KEY (tenant, tax_rate_id)
);

DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON
        catalogue_products, catalogue_promotions, catalogue_tax_rates TO %I', current_database());
END $$;
