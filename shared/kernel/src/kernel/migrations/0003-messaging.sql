-- The relay's cursor, consumer offsets, deduplication and dead letters.
--
-- depends: 0001-log

CREATE TABLE relay_cursor (
    one        boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch      bigint  NOT NULL DEFAULT 0,
    position   bigint  NOT NULL DEFAULT 0,
    generation integer NOT NULL DEFAULT 1,
    cluster_id text,
    published  jsonb   NOT NULL DEFAULT '{}'
);
INSERT INTO relay_cursor DEFAULT VALUES;
COMMENT ON COLUMN relay_cursor.epoch IS 'Raised by each relay that takes over: a relay with an older one has been replaced.';
COMMENT ON COLUMN relay_cursor.generation IS 'Raised whenever publishing starts again from the beginning.';
COMMENT ON COLUMN relay_cursor.published IS 'topic/partition to the offset of the last acknowledged record there.';

CREATE TABLE consumer_offset (
    grp         text    NOT NULL,
    topic       text    NOT NULL,
    part        integer NOT NULL,
    cluster_id  text    NOT NULL,
    generation  integer NOT NULL,
    next_offset bigint  NOT NULL,
    PRIMARY KEY (grp, topic, part)
);

CREATE TABLE consumer_seen (
    grp       text    NOT NULL,
    stream_id uuid    NOT NULL,
    version   integer NOT NULL,
    PRIMARY KEY (grp, stream_id)
);
COMMENT ON TABLE consumer_seen IS 'The last version of each stream that a group has handled: what is not newer is a repetition.';

CREATE TABLE parked (
    parked_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    grp           text        NOT NULL,
    topic         text        NOT NULL,
    part          integer     NOT NULL,
    record_offset bigint      NOT NULL,
    record_key    bytea,
    headers       jsonb       NOT NULL,
    body          bytea,
    tenant        text,
    type          text,
    stream_id     uuid,
    version       integer,
    reason        text        NOT NULL,
    error         text        NOT NULL,
    parked_at     timestamptz NOT NULL DEFAULT now(),
    resolved_at   timestamptz,
    resolution    text,
    UNIQUE (grp, topic, part, record_offset, parked_at)
);
-- by hash, because the key of another producer's record may be longer than a B-tree index takes
CREATE INDEX parked_open ON parked USING hash (record_key) WHERE resolved_at IS NULL;
