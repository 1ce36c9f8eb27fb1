-- Payments that a customer makes at a bank.
--
-- depends: 0001-ledger

ALTER TABLE payment ADD COLUMN method text, ADD COLUMN expires_at timestamptz;
COMMENT ON COLUMN payment.method IS 'pix or boleto; NULL: a card, like every other method.';
COMMENT ON COLUMN payment.expires_at IS 'Until when a push payment is to be paid; NULL: for a card.';
