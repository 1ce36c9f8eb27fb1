-- Open checkouts are found by their age, over all tenants.
--
-- depends: 0001-log

CREATE INDEX open_checkouts ON claims (value) WHERE kind = 'open_checkout';
