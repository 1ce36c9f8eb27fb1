-- The subscriptions and invoices of a tenant, with what they can be searched by, kept from the service's own facts.
--
-- depends: 0212-document-numbers

CREATE TABLE subscription_list (
    tenant          text        NOT NULL,
    subscription_id uuid        NOT NULL,
    customer_id     text        NOT NULL,
    plan_id         text,
    status          text        NOT NULL,
    began_at        timestamptz NOT NULL,
    PRIMARY KEY (tenant, subscription_id)
);
CREATE INDEX subscription_list_by_customer ON subscription_list (tenant, customer_id, began_at, subscription_id);
CREATE INDEX subscription_list_by_plan ON subscription_list (tenant, plan_id, began_at, subscription_id)
    WHERE plan_id IS NOT NULL;
CREATE INDEX subscription_list_by_status ON subscription_list (tenant, status, began_at, subscription_id);

CREATE TABLE subscription_list_place (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint  NOT NULL DEFAULT 0
);
COMMENT ON COLUMN subscription_list_place.position IS 'How far the list follows the log.';
INSERT INTO subscription_list_place DEFAULT VALUES;

CREATE TABLE invoice_list (
    tenant          text        NOT NULL,
    invoice_id      uuid        NOT NULL,
    subscription_id uuid        NOT NULL,
    customer_id     text        NOT NULL,
    status          text        NOT NULL,
    issued_at       timestamptz NOT NULL,
    PRIMARY KEY (tenant, invoice_id)
);
CREATE INDEX invoice_list_by_subscription ON invoice_list (tenant, subscription_id, issued_at, invoice_id);
CREATE INDEX invoice_list_by_customer ON invoice_list (tenant, customer_id, issued_at, invoice_id);
CREATE INDEX invoice_list_by_status ON invoice_list (tenant, status, issued_at, invoice_id);

CREATE TABLE invoice_list_place (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint  NOT NULL DEFAULT 0
);
COMMENT ON COLUMN invoice_list_place.position IS 'How far the list follows the log.';
INSERT INTO invoice_list_place DEFAULT VALUES;

DO $$ BEGIN PERFORM keep_tenants_apart('subscription_list'); END $$;
DO $$ BEGIN PERFORM keep_tenants_apart('invoice_list'); END $$;
DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON subscription_list, invoice_list TO %I', current_database());
    EXECUTE format('GRANT SELECT, UPDATE ON subscription_list_place, invoice_list_place TO %I', current_database());
END $$;
