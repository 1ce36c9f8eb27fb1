-- What the gateway keeps for itself of a payment, and what customers demand back through their banks.
--
-- depends: 0003-merchants-apart 0009-push-payments

ALTER TABLE payment ADD COLUMN disputed bigint NOT NULL DEFAULT 0 CHECK (disputed >= 0),
    ADD CONSTRAINT given_back_once CHECK (refunded + disputed <= captured) NOT VALID;
COMMENT ON COLUMN payment.disputed IS 'The amounts of its open and its lost disputes.';

CREATE TABLE fee (
    merchant     text        NOT NULL,
    reference    text        NOT NULL COLLATE "C",
    payment_id   uuid        NOT NULL,
    number       bigint      NOT NULL UNIQUE DEFAULT nextval('operation_number'),
    amount       bigint      NOT NULL CHECK (amount <> 0),
    currency     text        NOT NULL,
    basis_points bigint,
    charged_at   timestamptz NOT NULL,
    PRIMARY KEY (merchant, reference),
    FOREIGN KEY (merchant, payment_id) REFERENCES payment
);
COMMENT ON COLUMN fee.reference IS 'That of the capture or the refund, or the id of the dispute.';
COMMENT ON COLUMN fee.amount IS 'Minor units; below 0: given back.';
COMMENT ON COLUMN fee.basis_points IS 'The part of a captured amount that it was charged with; NULL: not of a capture.';
CREATE INDEX fees_in_order ON fee (merchant, number);
CREATE INDEX fees_of_a_payment ON fee (merchant, payment_id);

CREATE TABLE dispute (
    merchant     text        NOT NULL,
    dispute_id   uuid        NOT NULL,
    request_hash bytea       NOT NULL,
    payment_id   uuid        NOT NULL,
    number       bigint      NOT NULL UNIQUE DEFAULT nextval('operation_number'),
    status       text        NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'won', 'lost')),
    amount       bigint      NOT NULL CHECK (amount > 0),
    currency     text        NOT NULL,
    reason       text        NOT NULL,
    opened_at    timestamptz NOT NULL,
    due_at       timestamptz NOT NULL,
    PRIMARY KEY (merchant, dispute_id),
    FOREIGN KEY (merchant, payment_id) REFERENCES payment
);
CREATE INDEX disputes_in_order ON dispute (merchant, number);

DO $$
DECLARE
    service text := current_database();
    caller  text := current_database() || '_caller';
    kept    text;
BEGIN
    EXECUTE format('GRANT SELECT, INSERT ON fee, dispute TO %I', service);
    EXECUTE format('GRANT UPDATE (status) ON dispute TO %I', service);
    FOREACH kept IN ARRAY ARRAY['fee', 'dispute'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', kept);
        EXECUTE format('CREATE POLICY all_tenants ON %I TO %I USING (true) WITH CHECK (true)', kept, service);
        EXECUTE format('CREATE POLICY one_tenant ON %I FOR SELECT TO %I
                        USING (merchant = nullif(current_setting(''feira.tenant'', true), ''''))', kept, caller);
        EXECUTE format('GRANT SELECT ON %I TO %I', kept, caller);
    END LOOP;
END $$;
