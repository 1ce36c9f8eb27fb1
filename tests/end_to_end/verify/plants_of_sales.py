"""Violations to plant into what sales are worked out from, and into what they have used."""

from tests.end_to_end.verify.plants import UNKNOWN, plant, recorded, renamed, rewritten

SOLD = "IN (SELECT checkout_id FROM log WHERE type = 'cart.converted')"
COMPLETED = "(SELECT stream_id FROM log WHERE type = 'checkout.completed' LIMIT 1)"
WITH_CAMPAIGN = f"""type = 'cart.locked' AND checkout_id {SOLD}
    AND json_extract(body, '$.sale.lines[0].campaign_id') IS NOT NULL"""
WITH_DISCOUNT = f"""type = 'cart.locked' AND checkout_id {SOLD}
    AND json_array_length(body, '$.sale.discounts') > 0"""
ONE_MORE = "json_extract(body, '$.amount') + 1"
SALES = (
    plant(
        "a sale whose tax is not that of its lines",
        "B1",
        rewritten("$.sale.totals.tax", "1", f"type = 'cart.locked' AND checkout_id {SOLD}"),
    ),
    plant(
        "products that were sold at another price than theirs",
        "B2 C6",
        rewritten("$.details.prices[0].amount", "1", "type = 'product.created'"),
    ),
    plant(
        "products that were sold before they were for sale",
        "B2",
        renamed("type = 'product.activated'"),
    ),
    plant(
        "an offer that was sold at another price than its campaign's",
        "B2",
        rewritten("$.details.change.value", "'20'", "type = 'campaign.created'"),
    ),
    plant(
        "an offer that was sold at another price than that of its variant",
        "B2",
        rewritten("$.details.variants[0].changes.price.base", "9900", "type = 'experiment.created'")
        + rewritten("$.details.variants[1].changes.price.base", "9900", "type = 'experiment.created'"),
    ),
    plant(
        "an upsell that was reduced by more than it says",
        "B2",
        rewritten("$.details.discount.value", "'9'", "type = 'upsell.created'"),
    ),
    plant(
        "a discount of another amount than its promotion gives",
        "B2",
        rewritten("$.terms.value", "'11'", "type = 'promotion.created'"),
    ),
    plant(
        "a discount by a promotion that was over",
        "B2",
        rewritten("$.terms.ends_at", "'2020-01-01T00:00:00Z'", "type = 'promotion.created'"),
    ),
    plant(
        "a discount of more than its promotion's cap",
        "B2",
        rewritten("$.terms.stacking.cap", "1", "type = 'promotion.created'"),
    ),
    plant(
        "a discount on less than its promotion's minimum",
        "B2",
        rewritten("$.terms.conditions.minimum_subtotal", "1000000", "type = 'promotion.created'"),
    ),
    plant(
        "a discount on products that its promotion is not for",
        "B2",
        rewritten("$.terms.conditions.categories", "json('[\"books\"]')", "type = 'promotion.created'"),
    ),
    plant(
        "a reward that its referral rule does not give",
        "B2",
        rewritten("$.details.referee_reward.value", "'20'", "type = 'referral_rule.created'"),
    ),
    plant(
        "a reward of another amount than the checkout applied",
        "B2",
        rewritten("$.discounts[0].amount", "1", "type = 'referral.applied'"),
    ),
    plant(
        "shipping at another price than its rate's",
        "B2",
        rewritten("$.details.brackets[0].amount", "1", "type = 'shipping_rate.set'"),
    ),
    plant(
        "a tax by another rate than that of the place",
        "B2",
        rewritten("$.rate", "'22'", "type = 'tax_rate.set'"),
    ),
    plant(
        "a campaign that has saved more than its price is lower by",
        "B2 B3",
        rewritten(
            "$.sale.lines[0].campaign_saving",
            "json_extract(body, '$.sale.lines[0].campaign_saving') + 1",
            WITH_CAMPAIGN,
        ),
    ),
    plant(
        "a campaign's budget that has paid more than a sale cost",
        "B3",
        rewritten("$.amount", ONE_MORE, "type LIKE 'campaign.budget%'"),
    ),
    plant(
        "a campaign's budget that has paid for a sale without a campaign",
        "B3",
        recorded(1, "campaign.budget_held", "json_object('amount', 1485)", COMPLETED)
        + recorded(2, "campaign.budget_used", "json_object('amount', 1485)", COMPLETED),
    ),
    plant(
        "a promotion's use that no sale has made",
        "B3",
        recorded(1, "promotion.created", "json_object('terms', json_object())")
        + recorded(2, "promotion.reserved", "json_object()", COMPLETED)
        + recorded(3, "promotion.redeemed", "json_object()", COMPLETED),
    ),
    plant(
        "a referral rule's use that no sale has made",
        "B3",
        recorded(1, "referral_rule.created", "json_object('details', json_object())")
        + recorded(2, "referral_rule.use_held", "json_object('referrer', 'r')", COMPLETED)
        + recorded(3, "referral_rule.use_redeemed", "json_object('referrer', 'r')", COMPLETED),
    ),
    plant(
        "a discount whose promotion has counted another's use",
        "B2 B3",
        rewritten("$.sale.discounts[0].promotion_id", UNKNOWN, WITH_DISCOUNT),
    ),
    plant(
        "a referral that the payment has not made final",
        "B3",
        "UPDATE log SET checkout_id = NULL WHERE type = 'referral.redeemed';",
    ),
)
