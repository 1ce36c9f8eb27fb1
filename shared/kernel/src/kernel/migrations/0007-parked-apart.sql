-- Dead letters are read for operators, each of whom sees those of one tenant and those without a tenant.
--
-- depends: 0005-tenants-apart 0006-parked

DO $$ BEGIN PERFORM keep_tenants_apart('parked'); END $$;

DO $$
BEGIN
    EXECUTE format('CREATE POLICY nobodys ON parked FOR SELECT TO %I
                    USING (tenant IS NULL AND current_setting(''feira.tenant'', true) <> '''')',
                   current_database() || '_caller');
END $$;
