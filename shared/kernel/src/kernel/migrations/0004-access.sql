-- API keys, and the rights of the service's own role, whose name is that of the database.
--
-- depends: 0001-log 0002-time 0003-messaging

CREATE TABLE api_keys (
    key_hash   text        PRIMARY KEY,
    tenant     text        NOT NULL,
    role       text        NOT NULL CHECK (role IN ('storefront', 'admin', 'analyst', 'ops', 'service')),
    name       text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
COMMENT ON COLUMN api_keys.key_hash IS 'SHA-256 of the key, in hexadecimal.';

DO $$
DECLARE
    service text := current_database();
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', service);
    EXECUTE format('GRANT SELECT, INSERT ON log TO %I', service);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON
        claims, idempotency, timers, consumer_offset, consumer_seen, parked TO %I', service);
    EXECUTE format('GRANT SELECT, UPDATE ON relay_cursor, clock TO %I', service);
    EXECUTE format('GRANT SELECT ON api_keys TO %I', service);
END $$;
