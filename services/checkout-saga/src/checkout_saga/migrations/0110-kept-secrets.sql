-- Secrets of the service itself that outlive its master key.
--
-- depends: 0004-access

CREATE TABLE kept_secrets (
    name    text  PRIMARY KEY,
    wrapped bytea NOT NULL
);
COMMENT ON TABLE kept_secrets IS 'Encrypted under the master key. guests: the key under which they are named.';

DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON kept_secrets TO %I', current_database());
END $$;
