-- The ledger of the simulated gateway: what it was asked, what it did, and what it holds.
--
-- depends:

CREATE TABLE payment (
    merchant    text   NOT NULL,
    payment_id  uuid   NOT NULL,
    checkout_id uuid,
    token       text,
    status      text   NOT NULL DEFAULT 'new'
                CHECK (status IN ('new', 'declined', 'requires_action', 'authorized', 'captured', 'voided')),
    currency    text,
    authorized  bigint NOT NULL DEFAULT 0 CHECK (authorized >= 0),
    captured    bigint NOT NULL DEFAULT 0 CHECK (captured BETWEEN 0 AND authorized),
    refunded    bigint NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND captured),
    PRIMARY KEY (merchant, payment_id)
);
COMMENT ON COLUMN payment.checkout_id IS 'NULL: voided before anything else was heard of it.';
COMMENT ON COLUMN payment.token IS 'One of the simulator''s own tokens, or the word other: never what a customer typed.';

CREATE SEQUENCE operation_number;
CREATE TABLE operation (
    merchant     text        NOT NULL,
    key          text        NOT NULL COLLATE "C",
    request_hash bytea       NOT NULL,
    operation    text        NOT NULL CHECK (operation IN ('authorize', 'confirm', 'capture', 'void', 'refund')),
    payment_id   uuid        NOT NULL,
    asked_at     timestamptz NOT NULL,
    number       bigint      UNIQUE,
    performed_at timestamptz,
    status       text,
    code         text,
    amount       bigint,
    currency     text,
    reference    text,
    action_url   text,
    PRIMARY KEY (merchant, key),
    FOREIGN KEY (merchant, payment_id) REFERENCES payment,
    CHECK ((number IS NULL) = (status IS NULL))
);
COMMENT ON COLUMN operation.number IS 'NULL: asked for, but never performed, since the gateway was down.';
CREATE UNIQUE INDEX one_authorization ON operation (merchant, payment_id)
    WHERE operation = 'authorize' AND status IN ('authorized', 'requires_action');
CREATE UNIQUE INDEX one_capture ON operation (merchant, payment_id)
    WHERE operation = 'capture' AND status = 'captured';
CREATE INDEX performed ON operation (merchant, number) WHERE number IS NOT NULL;
CREATE INDEX payments_of_a_checkout ON payment (merchant, checkout_id);
CREATE INDEX operations_of_a_payment ON operation (merchant, payment_id);

CREATE TABLE call_count (
    merchant    text        NOT NULL,
    checkout_id uuid        NOT NULL,
    operation   text        NOT NULL,
    calls       integer     NOT NULL,
    first_at    timestamptz NOT NULL,
    PRIMARY KEY (merchant, checkout_id, operation)
);
