-- The ledger is read for callers, each of whom sees one merchant's alone; a merchant is a tenant of the shop.
--
-- depends: 0002-access

DO $$
DECLARE
    service text := current_database();
    caller  text := current_database() || '_caller';
    kept    text;
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', caller);
    FOREACH kept IN ARRAY ARRAY['payment', 'operation'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', kept);
        EXECUTE format('CREATE POLICY all_tenants ON %I TO %I USING (true) WITH CHECK (true)', kept, service);
        EXECUTE format('CREATE POLICY one_tenant ON %I FOR SELECT TO %I
                        USING (merchant = nullif(current_setting(''feira.tenant'', true), ''''))', kept, caller);
        EXECUTE format('GRANT SELECT ON %I TO %I', kept, caller);
    END LOOP;
END $$;
