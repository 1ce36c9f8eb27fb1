-- When the uses of a referral rule were redeemed, by checkout: a cooldown that began with a use ends when it is given
-- back. Of uses from before only the last is known, and not its checkout.
--
-- depends: 0140-referrals

CREATE TABLE catalogue_referral_redeemed (
    tenant      text        NOT NULL,
    rule_id     uuid        NOT NULL,
    referee     text        NOT NULL,
    checkout_id uuid        NOT NULL,
    redeemed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, rule_id, referee, checkout_id)
);
COMMENT ON TABLE catalogue_referral_redeemed IS 'Those of the last 30 days that were not given back, and the last one before.';
INSERT INTO catalogue_referral_redeemed (tenant, rule_id, referee, checkout_id, redeemed_at)
SELECT tenant, rule_id, person, '00000000-0000-0000-0000-000000000000', redeemed_at
FROM catalogue_referral_uses WHERE redeemed_at IS NOT NULL;

DO $$ BEGIN PERFORM keep_tenants_apart('catalogue_referral_redeemed'); END $$;
DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON catalogue_referral_redeemed TO %I', current_database());
END $$;
