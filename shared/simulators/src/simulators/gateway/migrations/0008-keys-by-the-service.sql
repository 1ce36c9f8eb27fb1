-- The role of the gateway adds API keys and ends them, like those of the services: `feira keys` may use it.
--
-- depends: 0004-keys-expire

DO $$ BEGIN
    EXECUTE format('GRANT INSERT (key_hash, tenant, role, name), UPDATE (expires_at, revoked_at)
                    ON api_keys TO %I', current_database());
END $$;
