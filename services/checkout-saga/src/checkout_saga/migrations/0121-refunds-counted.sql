-- Refunds that wait for an operator are counted every few seconds, over all tenants.
--
-- depends: 0120-refunds-to-see-to

CREATE INDEX refunds_to_see_to ON claims (value) WHERE kind = 'refund_to_see_to';
