-- Reads on a caller's behalf use the role <database>_caller, which sees the rows of one tenant at a time.
--
-- depends: 0001-log 0002-time 0004-access

-- The names of both roles are written into the function, so that it also works in a copy of the database.
DO $do$
DECLARE
    service text := current_database();
    caller  text := current_database() || '_caller';
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', caller);
    -- the test clock's offset
    EXECUTE format('GRANT SELECT ON clock TO %I', caller);
    EXECUTE format($make$
        CREATE FUNCTION keep_tenants_apart(kept regclass) RETURNS void LANGUAGE plpgsql AS $body$
        BEGIN
            EXECUTE format('ALTER TABLE %%s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', kept);
            EXECUTE format('CREATE POLICY all_tenants ON %%s TO %%I USING (true) WITH CHECK (true)', kept, %1$L);
            EXECUTE format('CREATE POLICY one_tenant ON %%s FOR SELECT TO %%I
                            USING (tenant = nullif(current_setting(''feira.tenant'', true), ''''))', kept, %2$L);
            EXECUTE format('GRANT SELECT ON %%s TO %%I', kept, %2$L);
        END $body$
    $make$, service, caller);
END $do$;
COMMENT ON FUNCTION keep_tenants_apart IS
    'For every table that is read on a caller''s behalf: it needs a column tenant. Unset and empty see nothing.';

DO $$ BEGIN PERFORM keep_tenants_apart('claims'); END $$;
DO $$ BEGIN PERFORM keep_tenants_apart('idempotency'); END $$;

-- The log itself has no row-level security: COPY refuses a table under it, and one batch mixes tenants.
-- So callers have no right to the log; they read it through this parent, which holds no rows of its own.
CREATE TABLE log_for_callers (LIKE log);
CREATE INDEX log_for_callers_by_version ON log_for_callers (stream_id, version);
ALTER TABLE log INHERIT log_for_callers;
DO $$ BEGIN PERFORM keep_tenants_apart('log_for_callers'); END $$;
