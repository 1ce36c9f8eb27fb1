-- What the shop has spent to be found, by channel and day. No fact tells it: callers record it.
--
-- depends: 0102-tenants-apart

CREATE TABLE marketing_spend (
    tenant      text        NOT NULL,
    spend_id    uuid        NOT NULL,
    channel     text        NOT NULL COLLATE "C",
    day         date        NOT NULL,
    currency    text        NOT NULL COLLATE "C",
    amount      bigint      NOT NULL CHECK (amount >= 0),
    recorded_at timestamptz NOT NULL,
    recorded_by text        NOT NULL,
    known       date        NOT NULL,
    PRIMARY KEY (tenant, spend_id)
);
CREATE INDEX marketing_spend_latest ON marketing_spend (tenant, day DESC, channel, currency, recorded_at DESC);
COMMENT ON TABLE marketing_spend IS
    'Rows are only added: of a channel, day and currency the one recorded last counts, so what was known stays known.';
COMMENT ON COLUMN marketing_spend.known IS 'The UTC day of recorded_at.';

DO $$ BEGIN
    PERFORM keep_tenants_apart('marketing_spend');
    EXECUTE format('GRANT SELECT, INSERT ON marketing_spend TO %I', current_database());
END $$;
