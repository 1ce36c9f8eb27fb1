-- The clock of every deadline, and the timers.
--
-- depends: 0001-log

CREATE TABLE clock (
    one   boolean  PRIMARY KEY DEFAULT true CHECK (one),
    shift interval NOT NULL DEFAULT '0'
);
INSERT INTO clock DEFAULT VALUES;

-- The shift applies only to connections of a test environment; otherwise this is the database's time.
CREATE FUNCTION feira_now() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN current_setting('feira.env', true) = 'test'
                THEN now() + (SELECT shift FROM clock)
                ELSE now() END
$$;

CREATE TABLE timers (
    subject        uuid        NOT NULL,
    kind           text        NOT NULL,
    tenant         text        NOT NULL,
    due_at         timestamptz NOT NULL,
    payload        jsonb       NOT NULL DEFAULT '{}',
    attempts       integer     NOT NULL DEFAULT 0,
    correlation_id text        NOT NULL,
    causation_id   text        NOT NULL,
    traceparent    text,
    occurred_at    timestamptz,
    PRIMARY KEY (subject, kind)
);
CREATE INDEX timers_due ON timers (due_at);
