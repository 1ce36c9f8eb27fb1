-- What was noted of payments of late, for the fraud rules to count.
--
-- depends: 0004-access 0005-tenants-apart

CREATE TABLE fraud_events (
    tenant     text        NOT NULL CHECK (tenant <> ''),
    subject    uuid        NOT NULL,
    signal     text        NOT NULL,
    dimension  text        NOT NULL CHECK (dimension IN ('instrument', 'customer', 'address', 'device')),
    value      uuid        NOT NULL,
    instrument uuid,
    at         timestamptz NOT NULL,
    PRIMARY KEY (tenant, subject, signal, dimension)
);
COMMENT ON COLUMN fraud_events.subject IS 'The payment: an attempt of a checkout to pay.';
COMMENT ON COLUMN fraud_events.value IS 'A pseudonym of what the payment is recognised by.';
COMMENT ON COLUMN fraud_events.instrument IS 'The value of the dimension instrument of the same payment; NULL: it is not known.';
CREATE INDEX fraud_events_of_a_value ON fraud_events (tenant, dimension, value, signal, at);
CREATE INDEX fraud_events_by_age ON fraud_events (at);

DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON fraud_events TO %I', current_database());
    PERFORM keep_tenants_apart('fraud_events');
END $$;
