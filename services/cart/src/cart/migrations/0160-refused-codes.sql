-- The discount codes that were refused of late, by cart and by client address, so that codes cannot be guessed.
--
-- depends: 0004-access

CREATE TABLE refused_codes (
    tenant        text          NOT NULL CHECK (tenant <> ''),
    key           uuid          NOT NULL,
    refused_at    timestamptz[] NOT NULL,
    blocked_until timestamptz,
    kept_until    timestamptz   NOT NULL,
    PRIMARY KEY (tenant, key)
) WITH (fillfactor = 70);
COMMENT ON COLUMN refused_codes.key IS 'A pseudonym of the cart''s id or of the address.';
COMMENT ON COLUMN refused_codes.refused_at IS 'When codes were refused within the window.';
COMMENT ON COLUMN refused_codes.blocked_until IS 'NULL: it may try codes.';
COMMENT ON COLUMN refused_codes.kept_until IS 'From then on the row says nothing.';
CREATE INDEX refused_codes_by_age ON refused_codes (kept_until);

DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON refused_codes TO %I', current_database());
END $$;
