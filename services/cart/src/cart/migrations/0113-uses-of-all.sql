-- Uses by customer are counted for every promotion: one may be limited for each customer later.
--
-- depends: 0112-history

COMMENT ON TABLE catalogue_promotion_uses IS 'Uses of promotions by each customer: reserved or redeemed, and not given back.';
