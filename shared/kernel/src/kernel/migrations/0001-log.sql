-- The log: every fact this service has recorded and every command it has sent, in commit order.
--
-- depends:

CREATE TABLE log (
    position       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream_id      uuid        NOT NULL,
    version        integer     NOT NULL CHECK (version > 0),
    message_id     uuid        NOT NULL,
    kind           text        NOT NULL CHECK (kind IN ('fact', 'command')),
    tenant         text        NOT NULL CHECK (tenant <> ''),
    topic          text        NOT NULL,
    key            uuid        NOT NULL,
    type           text        NOT NULL,
    schema_version smallint    NOT NULL,
    body           bytea       NOT NULL CHECK (octet_length(body) <= 900000), -- Kafka takes no more than 1 MiB
    correlation_id text        NOT NULL,
    causation_id   text        NOT NULL,
    actor          text        NOT NULL,
    traceparent    text,
    recorded_at    timestamptz NOT NULL,
    occurred_at    timestamptz,
    CONSTRAINT one_fact_per_version UNIQUE (stream_id, version)
);
COMMENT ON COLUMN log.occurred_at IS 'Only where the caller dated it; otherwise it occurred when it was recorded.';

-- Positions are assigned under this lock, which is held until the commit: after a reader has seen
-- position n, no smaller one appears. The relay is notified once per statement.
CREATE FUNCTION enter_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7001);
    PERFORM pg_notify('log', '');
    RETURN NULL;
END $$;
CREATE TRIGGER positions_in_commit_order BEFORE INSERT ON log
    FOR EACH STATEMENT EXECUTE FUNCTION enter_log();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is final: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER log_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Unique keys: names that one aggregate of a tenant holds at a time. They are the service's index, too:
-- always as new as the log.
CREATE TABLE claims (
    tenant text NOT NULL,
    kind   text NOT NULL,
    value  text NOT NULL COLLATE "C",
    holder uuid NOT NULL,
    PRIMARY KEY (tenant, kind, value)
);

-- The response to a request with an Idempotency-Key, stored with the facts that the request caused.
CREATE TABLE idempotency (
    tenant       text        NOT NULL,
    route        text        NOT NULL,
    key          text        NOT NULL,
    request_hash bytea       NOT NULL,
    subject      uuid,
    status       smallint,
    body         bytea,
    etag         text,
    recorded_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant, route, key)
);
COMMENT ON COLUMN idempotency.status IS 'NULL: the facts are recorded, the answer is still to be made from the subject.';
