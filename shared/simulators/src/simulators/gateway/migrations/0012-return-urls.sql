-- Where the page of a payment leads back to.
--
-- depends: 0001-ledger

ALTER TABLE payment ADD COLUMN return_url text;
COMMENT ON COLUMN payment.return_url IS 'A page of the shop, by https; NULL: the merchant has named none.';
