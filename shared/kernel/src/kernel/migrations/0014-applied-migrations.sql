-- A service compares the migrations that are applied with those that it was released with.
--
-- depends: 0004-access

DO $$
BEGIN
    EXECUTE format('GRANT SELECT ON _yoyo_migration TO %I', current_database());
END $$;
