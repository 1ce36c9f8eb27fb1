-- Lines that were given up before operators were called for them are put into their list.
--
-- depends: 0005-tenants-apart

-- the log is read before the table is locked: running checkouts would wait for as long as it takes
CREATE TEMPORARY TABLE lines_given_up ON COMMIT DROP AS
SELECT tenant, stream_id, recorded_at
FROM (
    SELECT DISTINCT ON (stream_id) tenant, stream_id, type, recorded_at,
           convert_from(body, 'UTF8')::jsonb -> 'final' AS final
    FROM log
    WHERE type IN ('fulfillment.requested', 'fulfillment.succeeded', 'fulfillment.pending',
                   'fulfillment.failed', 'fulfillment.revoked')
    ORDER BY stream_id, version DESC
) lines
WHERE type = 'fulfillment.failed' AND final = 'true';

-- the owner of the table is under its row-level security like everybody, and has no policy
ALTER TABLE claims NO FORCE ROW LEVEL SECURITY;
INSERT INTO claims (tenant, kind, value, holder)
SELECT tenant, 'line_to_see_to',
       to_char(extract(epoch FROM recorded_at), 'FM0000000000000.000000') || '/' || stream_id, stream_id
FROM lines_given_up
ON CONFLICT DO NOTHING;
ALTER TABLE claims FORCE ROW LEVEL SECURITY;
