-- The keys under which personal data in facts is encrypted; without its key it is erased everywhere.
--
-- depends: 0004-access

CREATE TABLE customer_keys (
    tenant      text        NOT NULL CHECK (tenant <> ''),
    customer_id uuid        NOT NULL,
    wrapped_key bytea,
    created_at  timestamptz NOT NULL DEFAULT now(),
    erased_at   timestamptz,
    PRIMARY KEY (tenant, customer_id),
    CHECK (wrapped_key IS NOT NULL OR erased_at IS NOT NULL)
);
COMMENT ON COLUMN customer_keys.wrapped_key IS 'Encrypted under the master key; NULL: erased.';

DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON customer_keys TO %I', current_database());
END $$;
