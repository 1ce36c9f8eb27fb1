-- The state of the server in which the log was last compared with the topics: after a restore it is another one.
--
-- depends: 0003-messaging

ALTER TABLE relay_cursor ADD COLUMN history text;
COMMENT ON COLUMN relay_cursor.history IS
    'System identifier, timeline and database in which the log was last compared with its topics; NULL: never.';
