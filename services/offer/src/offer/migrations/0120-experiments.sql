-- How often each variant of an experiment was shown and bought, kept from the service's own facts; and the exposures
-- of orders that are not paid yet.
--
-- depends: 0005-tenants-apart

CREATE TABLE experiment_counts (
    tenant        text   NOT NULL,
    experiment_id uuid   NOT NULL,
    variant_id    uuid   NOT NULL,
    exposures     bigint NOT NULL,
    conversions   bigint NOT NULL,
    PRIMARY KEY (tenant, experiment_id, variant_id)
);

CREATE TABLE experiment_counts_place (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint  NOT NULL DEFAULT 0
);
COMMENT ON COLUMN experiment_counts_place.position IS 'How far the counts follow the log.';
INSERT INTO experiment_counts_place DEFAULT VALUES;

CREATE TABLE unpaid_exposures (
    tenant      text NOT NULL,
    order_id    uuid NOT NULL,
    exposure_id uuid NOT NULL,
    PRIMARY KEY (tenant, order_id, exposure_id)
);
COMMENT ON TABLE unpaid_exposures IS 'Exposures whose offers an order holds, until it is paid or cancelled.';

DO $$ BEGIN PERFORM keep_tenants_apart('experiment_counts'); END $$;
DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON experiment_counts TO %I', current_database());
    EXECUTE format('GRANT SELECT, UPDATE ON experiment_counts_place TO %I', current_database());
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON unpaid_exposures TO %I', current_database());
END $$;
