-- Webhooks that cannot be processed are reported to an operator, once, by the account's next reconciliation; so are
-- those that are refused again and again because no signature fits. A webhook that is signed ends the row.
--
-- depends: 0197-failed-reconciliations-counted

ALTER TABLE webhook ADD COLUMN reported_at timestamptz;
COMMENT ON COLUMN webhook.reported_at IS 'When an operator was notified that it could not be processed; null: not notified.';

CREATE TABLE webhook_refusal (
    account_id uuid        PRIMARY KEY,
    gateway    text        NOT NULL,
    tenant     text        NOT NULL CHECK (tenant <> ''),
    refusals   bigint      NOT NULL,
    first_at   timestamptz NOT NULL,
    last_at    timestamptz NOT NULL
);
COMMENT ON COLUMN webhook_refusal.refusals IS 'Counted up to a limit, since such webhooks need no secret.';

DO $$
BEGIN
    EXECUTE format('GRANT UPDATE (reported_at) ON webhook TO %I', current_database());
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_refusal TO %I', current_database());
END $$;
