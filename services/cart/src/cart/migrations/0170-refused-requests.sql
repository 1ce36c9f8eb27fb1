-- The requests of storefronts about carts that were refused of late, for the fraud rules to count.
--
-- depends: 0004-access

CREATE TABLE refused_requests (
    tenant     text        NOT NULL CHECK (tenant <> ''),
    request_id uuid        NOT NULL,
    address    uuid        NOT NULL,
    signal     text        NOT NULL CHECK (signal IN ('bad_code', 'tampering')),
    at         timestamptz NOT NULL,
    PRIMARY KEY (tenant, request_id)
);
COMMENT ON COLUMN refused_requests.request_id IS 'Made for the row; the request had none.';
COMMENT ON COLUMN refused_requests.address IS 'A pseudonym of the client address, under the key of links.';
COMMENT ON COLUMN refused_requests.signal IS 'bad_code: a discount code was refused; tampering: it named a price.';
CREATE INDEX refused_requests_of_an_address ON refused_requests (tenant, address, signal, at);
CREATE INDEX refused_requests_by_age ON refused_requests (at);

DO $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON refused_requests TO %I', current_database());
END $$;
