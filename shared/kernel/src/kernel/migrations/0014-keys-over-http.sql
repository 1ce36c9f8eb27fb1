-- A service adds API keys and ends them on behalf of operators; it changes nothing else of a key, and deletes none.
--
-- depends: 0006-keys-expire

DO $$ BEGIN
    EXECUTE format('GRANT INSERT (key_hash, tenant, role, name), UPDATE (expires_at, revoked_at)
                    ON api_keys TO %I', current_database());
END $$;
