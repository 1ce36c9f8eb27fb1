-- Streams that a group has seen further than it has handled: a parked version is seen, and not handled.
--
-- depends: 0003-messaging 0004-access 0006-parked

CREATE TABLE consumer_behind (
    grp       text    NOT NULL,
    stream_id uuid    NOT NULL,
    handled   integer NOT NULL,
    PRIMARY KEY (grp, stream_id)
);
COMMENT ON TABLE consumer_behind IS 'The last version that a reader has handled of a stream, while that is less than its group has seen of it.';

INSERT INTO consumer_behind (grp, stream_id, handled)
SELECT grp, stream_id, min(version) - 1 FROM parked
WHERE resolved_at IS NULL AND stream_id IS NOT NULL AND version IS NOT NULL
  AND reason NOT IN ('headers', 'undecodable', 'future_version', 'gap')
GROUP BY grp, stream_id;

DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON consumer_behind TO %I', current_database());
END $$;
