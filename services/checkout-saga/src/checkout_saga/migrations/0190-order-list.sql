-- The orders of a tenant, with what they can be searched by, kept from the service's own facts.
--
-- depends: 0150-certificates

CREATE TABLE order_list (
    tenant     text        NOT NULL,
    order_id   uuid        NOT NULL,
    number     text        NOT NULL,
    status     text        NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, order_id)
);
CREATE INDEX order_list_by_number ON order_list (tenant, number);
CREATE INDEX order_list_by_status ON order_list (tenant, status, created_at, order_id);

CREATE TABLE order_list_place (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint  NOT NULL DEFAULT 0
);
COMMENT ON COLUMN order_list_place.position IS 'How far the list follows the log.';
INSERT INTO order_list_place DEFAULT VALUES;

DO $$ BEGIN PERFORM keep_tenants_apart('order_list'); END $$;
DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON order_list TO %I', current_database());
    EXECUTE format('GRANT SELECT, UPDATE ON order_list_place TO %I', current_database());
END $$;
