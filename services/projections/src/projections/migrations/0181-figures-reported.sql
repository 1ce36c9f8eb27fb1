-- What the executive report said on a day: facts that arrive late change what is known, but not this.
--
-- depends: 0102-tenants-apart

CREATE TABLE figures_reported (
    tenant      text NOT NULL,
    reported_on date NOT NULL,
    figure      text NOT NULL COLLATE "C",
    currency    text NOT NULL COLLATE "C",
    first_day   date NOT NULL,
    last_day    date NOT NULL,
    value       jsonb,
    PRIMARY KEY (tenant, reported_on, figure, currency)
);
COMMENT ON COLUMN figures_reported.currency IS 'Empty where the figure is no money.';
COMMENT ON COLUMN figures_reported.value IS 'A number, or {"amount", "currency"}; NULL where it was unknown.';

DO $$ BEGIN
    PERFORM keep_tenants_apart('figures_reported');
    EXECUTE format('GRANT SELECT, INSERT ON figures_reported TO %I', current_database());
END $$;
