-- Who may read the ledger, one clock that tests can move, and what the service's own role may do.
--
-- depends: 0001-ledger

CREATE TABLE api_keys (
    key_hash   text        PRIMARY KEY,
    tenant     text        NOT NULL,
    role       text        NOT NULL CHECK (role IN ('storefront', 'admin', 'analyst', 'ops', 'service')),
    name       text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
COMMENT ON COLUMN api_keys.key_hash IS 'SHA-256 of the key, in hexadecimal.';

CREATE TABLE clock (
    one   boolean  PRIMARY KEY DEFAULT true CHECK (one),
    shift interval NOT NULL DEFAULT '0'
);
INSERT INTO clock DEFAULT VALUES;

CREATE FUNCTION feira_now() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN current_setting('feira.env', true) = 'test'
                THEN now() + (SELECT shift FROM clock)
                ELSE now() END
$$;

DO $$
DECLARE
    service text := current_database();
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', service);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON payment, operation, call_count TO %I', service);
    EXECUTE format('GRANT USAGE ON SEQUENCE operation_number TO %I', service);
    EXECUTE format('GRANT SELECT, UPDATE ON clock TO %I', service);
    EXECUTE format('GRANT SELECT ON api_keys TO %I', service);
END $$;
