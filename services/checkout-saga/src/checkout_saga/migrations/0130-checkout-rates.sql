-- How many checkouts each customer, or else each client address, has started of late.
--
-- depends: 0004-access

CREATE TABLE checkout_rates (
    tenant text        NOT NULL CHECK (tenant <> ''),
    key    uuid        NOT NULL,
    tat    timestamptz NOT NULL,
    PRIMARY KEY (tenant, key)
) WITH (fillfactor = 70);
COMMENT ON COLUMN checkout_rates.key IS 'A pseudonym of the customer''s id or of the address.';
COMMENT ON COLUMN checkout_rates.tat IS 'Theoretical arrival time of the generic cell rate algorithm.';

DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON checkout_rates TO %I', current_database());
END $$;
