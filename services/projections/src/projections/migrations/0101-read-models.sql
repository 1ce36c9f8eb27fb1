-- The read models: for each the table that is queried, what it remembers of its subjects, and how far it is.
--
-- depends: 0004-access

CREATE TABLE conversion (
    tenant    text   NOT NULL,
    day       date   NOT NULL,
    currency  text   NOT NULL COLLATE "C",
    checkouts bigint NOT NULL,
    completed bigint NOT NULL,
    ordered   bigint NOT NULL,
    revenue   bigint NOT NULL,
    PRIMARY KEY (tenant, day, currency)
);
COMMENT ON COLUMN conversion.ordered IS 'The totals of the completed ones, in minor units.';
COMMENT ON COLUMN conversion.revenue IS 'Captured less refunded on that day, in minor units.';

CREATE TABLE products (
    tenant     text   NOT NULL,
    day        date   NOT NULL,
    currency   text   NOT NULL COLLATE "C",
    product_id uuid   NOT NULL,
    sku        text   NOT NULL,
    name       text   NOT NULL,
    times_sold bigint NOT NULL,
    quantity   bigint NOT NULL,
    revenue    bigint NOT NULL,
    PRIMARY KEY (tenant, day, currency, product_id, sku, name)
);

CREATE TABLE checkout_operations (
    tenant text   NOT NULL,
    day    date   NOT NULL,
    kind   text   NOT NULL CHECK (kind IN ('failure', 'duration', 'compensation')),
    label  text   NOT NULL,
    code   text   NOT NULL,
    count  bigint NOT NULL,
    PRIMARY KEY (tenant, day, kind, label, code)
);
COMMENT ON COLUMN checkout_operations.label IS 'The phase, the milliseconds, or the step.';

CREATE TABLE conversion_subject (
    tenant     text  NOT NULL,
    subject_id uuid  NOT NULL,
    state      jsonb NOT NULL,
    PRIMARY KEY (tenant, subject_id)
) WITH (fillfactor = 80);
CREATE TABLE products_subject (LIKE conversion_subject INCLUDING ALL) WITH (fillfactor = 80);
CREATE TABLE checkout_operations_subject (LIKE conversion_subject INCLUDING ALL) WITH (fillfactor = 80);
CREATE INDEX open_checkouts ON checkout_operations_subject (tenant) WHERE state->>'ended' = 'false';

CREATE TABLE read_model_state (
    name             text        NOT NULL,
    version          integer     NOT NULL,
    topic            text        NOT NULL,
    part             integer     NOT NULL,
    applied_count    bigint      NOT NULL,
    first_offset     bigint      NOT NULL,
    last_offset      bigint      NOT NULL,
    last_recorded_at timestamptz NOT NULL,
    digest           bytea       NOT NULL,
    updated_at       timestamptz NOT NULL,
    PRIMARY KEY (name, version, topic, part)
);
COMMENT ON COLUMN read_model_state.digest IS
    'SHA-256 over the digest before and the id of each fact applied, one by one: equal for equal input.';

DO $$
DECLARE
    service text := current_database();
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON
        conversion, products, checkout_operations,
        conversion_subject, products_subject, checkout_operations_subject, read_model_state TO %I', service);
END $$;
