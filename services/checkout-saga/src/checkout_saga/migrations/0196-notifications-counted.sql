-- How many messages have an unknown outcome is asked every few seconds, over all tenants.
--
-- depends: 0195-notifications-to-see-to
-- transactional: false

-- the rest of an attempt that was interrupted
DROP INDEX CONCURRENTLY IF EXISTS notifications_to_see_to;
CREATE INDEX CONCURRENTLY IF NOT EXISTS notifications_to_see_to ON claims (value)
    WHERE kind = 'notification_to_see_to';
