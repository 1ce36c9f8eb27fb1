-- Messages whose outcome was unknown before operators were called for them are put into their list.
--
-- depends: 0005-tenants-apart

-- the owner of the table is under its row-level security like everybody, and has no policy
ALTER TABLE claims NO FORCE ROW LEVEL SECURITY;
INSERT INTO claims (tenant, kind, value, holder)
SELECT tenant, 'notification_to_see_to',
       to_char(extract(epoch FROM recorded_at), 'FM0000000000000.000000') || '/' || stream_id, stream_id
FROM (
    SELECT DISTINCT ON (stream_id) tenant, stream_id, type, recorded_at
    FROM log
    WHERE type IN ('notification.requested', 'notification.sent', 'notification.unknown')
    ORDER BY stream_id, version DESC
) notifications
WHERE type = 'notification.unknown'
ON CONFLICT DO NOTHING;
ALTER TABLE claims FORCE ROW LEVEL SECURITY;
