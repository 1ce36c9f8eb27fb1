-- The orders that there are already hold their numbers, as every order does from now on. Should two orders of a
-- tenant have one number, the earlier one holds it.
--
-- depends: 0005-tenants-apart

-- the log is read before the table is locked: running checkouts would wait for as long as it takes
CREATE TEMPORARY TABLE numbers_given ON COMMIT DROP AS
SELECT tenant, stream_id, position, convert_from(body, 'UTF8')::jsonb ->> 'number' AS number
FROM log WHERE type = 'order.created';

-- the owner of the table is under its row-level security like everybody, and has no policy
ALTER TABLE claims NO FORCE ROW LEVEL SECURITY;
INSERT INTO claims (tenant, kind, value, holder)
SELECT tenant, 'order_number', number, stream_id FROM numbers_given WHERE number IS NOT NULL ORDER BY position
ON CONFLICT DO NOTHING;
ALTER TABLE claims FORCE ROW LEVEL SECURITY;
