-- Runs of statistical models, and what the last successful one of each has found.
--
-- depends: 0102-tenants-apart

CREATE TABLE model_run (
    tenant         text             NOT NULL,
    run_id         uuid             NOT NULL,
    model          text             NOT NULL CHECK (model IN ('customer_value', 'customer_segments', 'forecasts')),
    version        bigint           NOT NULL,
    currency       text             NOT NULL,
    night          date,
    asked_by       text             NOT NULL,
    asked_at       timestamptz      NOT NULL,
    state          text             NOT NULL DEFAULT 'queued'
                                    CHECK (state IN ('queued', 'running', 'done', 'too_few', 'failed')),
    reason         text,
    attempts       bigint           NOT NULL DEFAULT 0,
    leased_until   timestamptz,
    started_at     timestamptz,
    finished_at    timestamptz,
    trained_from   date,
    trained_to     date,
    rows           bigint,
    parameters     jsonb,
    log_likelihood double precision,
    errors         jsonb,
    PRIMARY KEY (tenant, run_id)
);
CREATE UNIQUE INDEX one_open_run_of_a_model ON model_run (tenant, model, currency) WHERE state IN ('queued', 'running');
CREATE UNIQUE INDEX one_run_of_a_night ON model_run (tenant, model, currency, night) WHERE night IS NOT NULL;
CREATE INDEX open_model_runs ON model_run (asked_at, run_id) WHERE state IN ('queued', 'running');
CREATE INDEX latest_model_runs ON model_run (tenant, asked_at DESC, run_id DESC);
COMMENT ON COLUMN model_run.night IS 'The day, in UTC, whose nightly run it is; NULL: it was asked for.';
COMMENT ON COLUMN model_run.reason IS 'Why there is no result: set where the state is too_few or failed.';
COMMENT ON COLUMN model_run.leased_until IS 'By the machine''s clock: from then on another worker may take the run over.';
COMMENT ON COLUMN model_run.attempts IS 'The fence: only the worker of the latest attempt may end the run.';

CREATE TABLE customer_value (
    tenant              text             NOT NULL,
    customer_id         text             NOT NULL,
    currency            text             NOT NULL,
    run_id              uuid             NOT NULL,
    p_alive             double precision NOT NULL,
    probability_90d     double precision NOT NULL,
    expected_orders_90d double precision NOT NULL,
    value_12m           bigint,
    PRIMARY KEY (tenant, customer_id, currency)
);
CREATE INDEX customer_values_by_risk ON customer_value (tenant, currency, probability_90d, customer_id);
COMMENT ON COLUMN customer_value.p_alive IS 'Not to be ranked by: it is 1 for everyone who ordered once.';
COMMENT ON COLUMN customer_value.probability_90d IS 'That the customer orders within 90 days from the end of the training.';
COMMENT ON COLUMN customer_value.value_12m IS 'Minor units; NULL where the values of orders could not be modelled.';

CREATE TABLE customer_segment (
    tenant      text     NOT NULL,
    customer_id text     NOT NULL,
    currency    text     NOT NULL,
    from_day    date     NOT NULL,
    r           bigint   NOT NULL CHECK (r BETWEEN 1 AND 5),
    f           bigint   NOT NULL CHECK (f BETWEEN 1 AND 5),
    m           bigint   NOT NULL CHECK (m BETWEEN 1 AND 5),
    segment     text     NOT NULL,
    PRIMARY KEY (tenant, customer_id, currency, from_day)
);
COMMENT ON TABLE customer_segment IS
    'A row where scores or segment changed: the latest one up to a day is the customer''s on that day.';

CREATE TABLE segment_cut_points (
    tenant     text  NOT NULL,
    currency   text  NOT NULL,
    day        date  NOT NULL,
    cut_points jsonb NOT NULL,
    PRIMARY KEY (tenant, currency, day)
);

CREATE TABLE forecast_point (
    tenant   text             NOT NULL,
    run_id   uuid             NOT NULL,
    name     text             NOT NULL,
    currency text             NOT NULL,
    period   date             NOT NULL,
    value    double precision NOT NULL,
    low      double precision,
    high     double precision,
    PRIMARY KEY (tenant, name, currency, period)
);
COMMENT ON COLUMN forecast_point.period IS 'The first day of the month.';

DO $$ BEGIN
    PERFORM keep_tenants_apart('model_run');
    PERFORM keep_tenants_apart('customer_value');
    PERFORM keep_tenants_apart('customer_segment');
    PERFORM keep_tenants_apart('segment_cut_points');
    PERFORM keep_tenants_apart('forecast_point');
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON
        model_run, customer_value, customer_segment, segment_cut_points, forecast_point TO %I', current_database());
END $$;
