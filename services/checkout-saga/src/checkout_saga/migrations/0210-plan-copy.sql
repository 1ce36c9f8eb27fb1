-- The copy of the plans of subscriptions, which the offer service owns: their terms by version.
--
-- depends: 0201-order-numbers-held

CREATE TABLE plan_copy (
    tenant        text    NOT NULL,
    plan_id       uuid    NOT NULL,
    terms_version bigint  NOT NULL,
    version       bigint  NOT NULL,
    terms         jsonb   NOT NULL,
    archived      boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant, plan_id, terms_version)
);
COMMENT ON COLUMN plan_copy.version IS 'Of the plan''s stream, with the terms.';
COMMENT ON COLUMN plan_copy.archived IS 'A plan is archived once one of its rows is.';

DO $$ BEGIN PERFORM keep_tenants_apart('plan_copy'); END $$;
DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON plan_copy TO %I', current_database());
END $$;
