-- Stored responses are deleted after a time; a BRIN index finds them and costs a write next to nothing.
--
-- depends: 0001-log

CREATE INDEX idempotency_by_age ON idempotency USING brin (recorded_at)
    WITH (pages_per_range = 16, autosummarize = on);
