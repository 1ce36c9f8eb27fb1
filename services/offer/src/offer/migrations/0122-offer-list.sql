-- The list of offers, with what it can be searched by, kept from the service's own facts.
--
-- depends: 0005-tenants-apart

CREATE TABLE offer_list (
    tenant      text   NOT NULL,
    offer_id    uuid   NOT NULL,
    status      text   NOT NULL,
    slug        text   NOT NULL,
    type        text   NOT NULL,
    words       text[] NOT NULL,
    product_ids uuid[] NOT NULL,
    PRIMARY KEY (tenant, offer_id)
);
COMMENT ON COLUMN offer_list.words IS 'Of name and slug, in lower case and without accents.';
CREATE INDEX offer_list_by_product ON offer_list USING gin (product_ids);

CREATE TABLE offer_list_campaigns (
    tenant      text   NOT NULL,
    campaign_id uuid   NOT NULL,
    offer_ids   uuid[] NOT NULL,
    PRIMARY KEY (tenant, campaign_id)
);

CREATE TABLE offer_list_place (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint  NOT NULL DEFAULT 0
);
COMMENT ON COLUMN offer_list_place.position IS 'How far the list follows the log.';
INSERT INTO offer_list_place DEFAULT VALUES;

DO $$ BEGIN PERFORM keep_tenants_apart('offer_list'); END $$;
DO $$ BEGIN PERFORM keep_tenants_apart('offer_list_campaigns'); END $$;
DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON offer_list, offer_list_campaigns TO %I', current_database());
    EXECUTE format('GRANT SELECT, UPDATE ON offer_list_place TO %I', current_database());
END $$;
