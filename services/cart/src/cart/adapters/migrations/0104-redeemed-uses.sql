-- A reserved use of a promotion can be released; a redeemed one cannot.
--
-- depends: 0103-repricing

ALTER TABLE catalogue_promotions ADD COLUMN redeemed integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN catalogue_promotions.redeemed IS 'Those of its uses that nobody will give back.';
