-- A reserved use of a promotion is released with its checkout's hold; a redeemed one only by compensation.
--
-- depends: 0103-repricing

ALTER TABLE catalogue_promotions ADD COLUMN redeemed integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN catalogue_promotions.redeemed IS 'Those of its uses that nobody will give back.';
