-- Saved questions that are sent by e-mail at an hour of the day.
--
-- depends: 0182-saved-questions

CREATE TABLE report_owner_key (
    tenant      text  NOT NULL,
    owner_id    uuid  NOT NULL,
    wrapped_key bytea,
    erased_at   timestamptz,
    PRIMARY KEY (tenant, owner_id)
);
COMMENT ON TABLE report_owner_key IS
    'The keys of the addresses of reports, wrapped under one derived from the link key. NULL: erased with the API key.';

CREATE TABLE report_subscription (
    tenant          text        NOT NULL,
    subscription_id uuid        NOT NULL,
    saved_id        uuid        NOT NULL,
    owner           text        NOT NULL COLLATE "C",
    owner_id        uuid        NOT NULL,
    address         text        NOT NULL,
    every           text        NOT NULL CHECK (every IN ('daily', 'weekly', 'monthly')),
    weekday         bigint      CHECK (weekday BETWEEN 1 AND 7),
    month_day       bigint      CHECK (month_day BETWEEN 1 AND 31),
    hour            bigint      NOT NULL CHECK (hour BETWEEN 0 AND 23),
    time_zone       text        NOT NULL,
    state           text        NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'ended')),
    next_at         timestamptz NOT NULL,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant, subscription_id),
    FOREIGN KEY (tenant, saved_id) REFERENCES saved_question ON DELETE CASCADE
);
CREATE INDEX report_subscriptions_due ON report_subscription (next_at) WHERE state = 'active';
CREATE INDEX report_subscriptions_of_question ON report_subscription (tenant, saved_id);
CREATE INDEX report_subscriptions_of_owner ON report_subscription (tenant, owner, subscription_id);
COMMENT ON COLUMN report_subscription.address IS 'Encrypted under the owner''s key.';
COMMENT ON COLUMN report_subscription.weekday IS '1: Monday.';
COMMENT ON COLUMN report_subscription.month_day IS 'In a shorter month its last day.';
COMMENT ON COLUMN report_subscription.state IS 'ended: with the last API key of its owner, and for good.';

CREATE TABLE report_mail (
    tenant          text        NOT NULL,
    mail_id         uuid        NOT NULL,
    subscription_id uuid        NOT NULL,
    period          date,
    state           text        NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sending', 'sent', 'failed')),
    reason          text,
    attempts        bigint      NOT NULL DEFAULT 0,
    try_at          timestamptz NOT NULL,
    leased_until    timestamptz,
    queued_at       timestamptz NOT NULL,
    ended_at        timestamptz,
    PRIMARY KEY (tenant, mail_id),
    FOREIGN KEY (tenant, subscription_id) REFERENCES report_subscription ON DELETE CASCADE
);
CREATE UNIQUE INDEX one_mail_of_a_period ON report_mail (tenant, subscription_id, period) WHERE period IS NOT NULL;
CREATE INDEX open_report_mails ON report_mail (try_at) WHERE state IN ('queued', 'sending');
CREATE INDEX report_mails_of_subscription ON report_mail (tenant, subscription_id, queued_at DESC, mail_id DESC);
COMMENT ON COLUMN report_mail.period IS 'The day in the subscription''s time zone on which it was due; NULL: it was asked for.';
COMMENT ON COLUMN report_mail.attempts IS 'The fence: only the worker of the latest attempt may send and end the mail.';
COMMENT ON COLUMN report_mail.leased_until IS 'By the machine''s clock: from then on another worker may take the mail over.';

DO $$ BEGIN
    PERFORM keep_tenants_apart('report_owner_key');
    PERFORM keep_tenants_apart('report_subscription');
    PERFORM keep_tenants_apart('report_mail');
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON
        report_owner_key, report_subscription, report_mail TO %I', current_database());
END $$;
