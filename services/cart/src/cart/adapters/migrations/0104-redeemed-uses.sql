-- A use that is held may come back; one that is redeemed will not.
--
-- depends: 0103-repricing

ALTER TABLE catalogue_promotions ADD COLUMN redeemed integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN catalogue_promotions.redeemed IS 'Those of its uses that nobody will give back.';
