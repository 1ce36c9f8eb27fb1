-- Runs that ended long ago are forgotten.
--
-- depends: 0110-runs

DO $$ BEGIN EXECUTE format('GRANT DELETE ON read_model_run TO %I', current_database()); END $$;
