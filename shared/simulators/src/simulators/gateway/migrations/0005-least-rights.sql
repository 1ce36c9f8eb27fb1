-- Time is moved for tests alone, by the owner.
--
-- depends: 0002-access

DO $$ BEGIN EXECUTE format('REVOKE UPDATE ON clock FROM %I', current_database()); END $$;
