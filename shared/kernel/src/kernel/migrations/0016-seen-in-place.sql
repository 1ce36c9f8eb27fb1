-- Room for the next versions of a stream in the page of the row: such updates touch no index.
--
-- depends: 0003-messaging

ALTER TABLE consumer_seen SET (fillfactor = 85);
