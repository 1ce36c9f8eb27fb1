-- The copy of referrals: programs, rules, attributions and overrides, and the uses of rules.
--
-- depends: 0112-history

CREATE TABLE catalogue_referrals (
    tenant     text        NOT NULL,
    kind       text        NOT NULL,
    id         uuid        NOT NULL,
    program_id uuid,
    subject    text,
    version    bigint      NOT NULL,
    data       jsonb       NOT NULL,
    valid_from timestamptz NOT NULL,
    PRIMARY KEY (tenant, kind, id)
);
COMMENT ON COLUMN catalogue_referrals.kind IS 'program, rule, attribution or override.';
COMMENT ON COLUMN catalogue_referrals.subject IS 'The referee of an attribution; user or group and the subject of an override.';
CREATE INDEX catalogue_referrals_by_subject ON catalogue_referrals (tenant, subject) WHERE subject IS NOT NULL;
CREATE INDEX catalogue_referrals_of_program ON catalogue_referrals (tenant, program_id) WHERE kind = 'rule';

CREATE TABLE catalogue_referral_uses (
    tenant      text        NOT NULL,
    rule_id     uuid        NOT NULL,
    scope       text        NOT NULL,
    person      text        NOT NULL,
    uses        bigint      NOT NULL,
    redeemed_at timestamptz,
    valid_from  timestamptz NOT NULL,
    PRIMARY KEY (tenant, rule_id, scope, person)
);
COMMENT ON TABLE catalogue_referral_uses IS 'Uses of rules, in total (person is empty), by referrer and by referee: reserved or redeemed, and not given back.';

DO $$ BEGIN PERFORM keep_tenants_apart('catalogue_referrals'); END $$;
DO $$ BEGIN PERFORM keep_tenants_apart('catalogue_referral_uses'); END $$;
DO $$ BEGIN PERFORM keep_history('catalogue_referrals', 'tenant, kind, id'); END $$;
DO $$ BEGIN PERFORM keep_history('catalogue_referral_uses', 'tenant, rule_id, scope, person'); END $$;

DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON catalogue_referrals, catalogue_referral_uses TO %I', current_database());
END $$;
