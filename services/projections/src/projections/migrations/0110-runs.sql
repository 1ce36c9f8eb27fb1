-- Which version of each read model is live, and the runs that build one again from the topics.
--
-- depends: 0101-read-models

CREATE TABLE read_model (
    name    text        PRIMARY KEY,
    version integer     NOT NULL,
    since   timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE read_model IS
    'What the tables hold. A process whose code says otherwise applies nothing: it builds anew first, or has had its day.';
INSERT INTO read_model (name, version) VALUES ('conversion', 1), ('products', 1), ('checkout_operations', 1);

CREATE TABLE read_model_run (
    run_id       uuid        PRIMARY KEY,
    name         text        NOT NULL,
    version      integer     NOT NULL,
    kind         text        NOT NULL CHECK (kind IN ('rebuild', 'verify')),
    state        text        NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'completed', 'failed')),
    phase        text        NOT NULL DEFAULT 'waiting'
                             CHECK (phase IN ('waiting', 'filling', 'comparing', 'swapping', 'done')),
    asked_by     text        NOT NULL,
    attempts     integer     NOT NULL DEFAULT 0,
    events_done  bigint      NOT NULL DEFAULT 0,
    events_total bigint      NOT NULL DEFAULT 0,
    set_aside    bigint      NOT NULL DEFAULT 0,
    differences  bigint,
    sample       jsonb       NOT NULL DEFAULT '[]',
    error        text,
    started_at   timestamptz NOT NULL DEFAULT now(),
    touched_at   timestamptz NOT NULL DEFAULT now(),
    finished_at  timestamptz
);
CREATE UNIQUE INDEX one_run_at_a_time ON read_model_run (name) WHERE state = 'running';
CREATE INDEX latest_runs ON read_model_run (name, started_at DESC);
COMMENT ON COLUMN read_model_run.set_aside IS 'Records that were left out because they are parked or discarded.';
COMMENT ON COLUMN read_model_run.sample IS 'Some of the rows that differ, of each tenant; shown to that tenant alone.';

DO $$
DECLARE
    service text := current_database();
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON read_model, read_model_run TO %I', service);
    EXECUTE format('GRANT DELETE ON
        conversion, products, checkout_operations,
        conversion_subject, products_subject, checkout_operations_subject, read_model_state TO %I', service);
END $$;
