-- A service's role has the rights that its code needs, and no others.
--
-- depends: 0002-time 0004-access 0005-tenants-apart

-- The role's name is written into the policy: a copy of the database has the same two roles.
DO $$
DECLARE
    service text := current_database();
BEGIN
    EXECUTE format('REVOKE DELETE ON consumer_offset, parked FROM %I', service);
    -- time is moved for tests alone, by the owner
    EXECUTE format('REVOKE UPDATE ON clock FROM %I', service);
    -- retention may delete a response, but none that a caller may still request again
    EXECUTE format('CREATE POLICY old_answers ON idempotency AS RESTRICTIVE FOR DELETE TO %I
                    USING (recorded_at < feira_now() - interval ''24 hours'')', service);
END $$;
