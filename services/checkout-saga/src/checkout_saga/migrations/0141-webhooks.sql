-- Webhooks of payment providers that were received, so that each event counts once. Never their bodies.
--
-- depends: 0004-access

CREATE TABLE webhook (
    gateway     text        NOT NULL,
    account_id  uuid        NOT NULL,
    event_id    text        NOT NULL COLLATE "C",
    tenant      text        NOT NULL CHECK (tenant <> ''),
    type        text        NOT NULL,
    reference   text,
    body_hash   bytea       NOT NULL,
    state       text        NOT NULL CHECK (state IN ('matched', 'unmatched', 'ignored', 'unreadable')),
    received_at timestamptz NOT NULL,
    PRIMARY KEY (gateway, account_id, event_id)
);
COMMENT ON COLUMN webhook.reference IS 'The provider''s id of the object that the event is about.';
COMMENT ON COLUMN webhook.body_hash IS 'SHA-256 of the body.';
COMMENT ON COLUMN webhook.state IS 'unmatched: no payment is known by the reference, which reconciliation clears up; ignored: events of this type say nothing that is looked at; unreadable: signed, but no event.';
CREATE INDEX webhooks_by_age ON webhook (received_at);

DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON webhook TO %I', current_database());
END $$;
