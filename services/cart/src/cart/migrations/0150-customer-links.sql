-- Which guests are the same person as which accounts, kept from the checkout's facts. A set of pairs beside the orders:
-- it does not matter whether a link or the guest's orders come first.
--
-- depends: 0112-history

CREATE TABLE customer_links (
    tenant      text        NOT NULL,
    customer_id text        NOT NULL,
    guest_id    text        NOT NULL,
    valid_from  timestamptz NOT NULL,
    PRIMARY KEY (tenant, customer_id, guest_id)
);
COMMENT ON COLUMN customer_links.customer_id IS 'The account.';
CREATE INDEX customer_links_by_guest ON customer_links (tenant, guest_id);

DO $$ BEGIN PERFORM keep_tenants_apart('customer_links'); END $$;
DO $$ BEGIN PERFORM keep_history('customer_links', 'tenant, customer_id, guest_id'); END $$;
DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON customer_links TO %I', current_database());
END $$;
