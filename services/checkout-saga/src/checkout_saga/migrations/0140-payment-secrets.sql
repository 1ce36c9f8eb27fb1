-- The credentials of tenants at payment providers, encrypted under a key of the tenant among customer_keys.
--
-- depends: 0005-tenants-apart 0100-customer-keys

CREATE TABLE payment_secrets (
    tenant          text        NOT NULL CHECK (tenant <> ''),
    secrets_id      uuid        NOT NULL,
    account_id      uuid        NOT NULL,
    sealed          text        NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    unhealthy_since timestamptz,
    PRIMARY KEY (tenant, secrets_id)
);
COMMENT ON COLUMN payment_secrets.unhealthy_since IS 'NULL: the provider has not refused them.';
CREATE INDEX payment_secrets_of_an_account ON payment_secrets (tenant, account_id);

DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON payment_secrets TO %I', current_database());
    PERFORM keep_tenants_apart('payment_secrets');
END $$;
