-- Stored answers are forgotten after a time: found by ranges of pages, which costs a write next to nothing.
--
-- depends: 0001-log

CREATE INDEX idempotency_by_age ON idempotency USING brin (recorded_at)
    WITH (pages_per_range = 16, autosummarize = on);
