-- A reconciliation marks webhooks as matched that came before their payment was known.
--
-- depends: 0141-webhooks

DO $$
BEGIN
    EXECUTE format('GRANT UPDATE (state) ON webhook TO %I', current_database());
END $$;
