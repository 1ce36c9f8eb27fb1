-- The list of promotions, with what it can be searched by, kept from the service's own facts.
--
-- depends: 0005-tenants-apart

CREATE TABLE promotion_list (
    tenant       text    NOT NULL,
    promotion_id uuid    NOT NULL,
    kind         text    NOT NULL,
    status       text    NOT NULL,
    automatic    boolean NOT NULL,
    words        text[]  NOT NULL,
    PRIMARY KEY (tenant, promotion_id)
);
COMMENT ON COLUMN promotion_list.words IS 'Of name and code, in lower case and without accents.';

CREATE TABLE promotion_list_campaigns (
    tenant        text   NOT NULL,
    campaign_id   uuid   NOT NULL,
    promotion_ids uuid[] NOT NULL,
    PRIMARY KEY (tenant, campaign_id)
);

CREATE TABLE promotion_list_place (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint  NOT NULL DEFAULT 0
);
COMMENT ON COLUMN promotion_list_place.position IS 'How far the list follows the log.';
INSERT INTO promotion_list_place DEFAULT VALUES;

DO $$ BEGIN PERFORM keep_tenants_apart('promotion_list'); END $$;
DO $$ BEGIN PERFORM keep_tenants_apart('promotion_list_campaigns'); END $$;
DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON promotion_list, promotion_list_campaigns TO %I', current_database());
    EXECUTE format('GRANT SELECT, UPDATE ON promotion_list_place TO %I', current_database());
END $$;
