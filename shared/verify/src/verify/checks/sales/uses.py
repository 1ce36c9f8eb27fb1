"""What sales use of promotions, referral rules and campaigns is what these have counted, one to one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from verify.check import Check, Row, ViolationQuery
from verify.checks.sales.catalogue import Catalogue
from verify.checks.sales.catalogue_at import CatalogueAt
from verify.checks.sales.sale import Sale
from verify.dataset.dataset import Dataset


def _one_to_one(sold: str, counted: str) -> str:
    """``sold``: the id of what a discount used, None if it used none; ``counted``: the fact of a use."""
    return f"""
        WITH given AS (
            SELECT DISTINCT s.tenant, s.checkout_id, {sold} AS used
            FROM sold s JOIN judged j USING (checkout_id)
            JOIN log l ON l.service = 'cart' AND l.position = s.locked_at,
                 json_each(l.body, '$.sale.discounts') d
            WHERE j.ended = 'completed' AND {sold} IS NOT NULL
        ), counted AS (
            SELECT s.tenant, s.checkout_id, l.stream_id AS used
            FROM sold s JOIN judged j USING (checkout_id) JOIN log l USING (checkout_id)
            WHERE j.ended = 'completed' AND l.type = '{counted}'
        )
        SELECT 'sold and not counted' AS wrong, * FROM (SELECT * FROM given EXCEPT SELECT * FROM counted)
        UNION ALL
        SELECT 'counted and not sold', * FROM (SELECT * FROM counted EXCEPT SELECT * FROM given)
    """  # noqa: S608  # constants


PROMOTION = """CASE WHEN json_extract(d.value, '$.referral') IS NULL
    THEN json_extract(d.value, '$.promotion_id') END"""
RULE = "json_extract(d.value, '$.referral.rule_id')"
SALES_OF_CAMPAIGNS = """
    WITH used AS (
        SELECT checkout_id, json_group_object(stream_id, json_extract(body, '$.amount')) AS amounts
        FROM log WHERE type = 'campaign.budget_used' GROUP BY checkout_id
    )
    SELECT s.tenant, s.checkout_id, l.body AS locked, coalesce(s.held_at, s.confirmed_at) AS held,
           l.recorded_at, coalesce(u.amounts, '{}') AS used
    FROM sold s JOIN judged j USING (checkout_id)
    JOIN log l ON l.service = 'cart' AND l.position = s.locked_at
    LEFT JOIN used u USING (checkout_id)
    WHERE j.ended = 'completed' AND (u.amounts IS NOT NULL OR s.held_at IS NOT NULL)
"""


def campaign_costs(dataset: Dataset) -> Iterator[Row]:
    """Sales whose campaigns' budgets have not paid what they cost: what prices are lower by, and the
    discounts of a campaign's own promotions. Only a budget in the sale's currency pays."""
    catalogue = Catalogue(dataset.sql)
    for row in dataset.sql.execute(SALES_OF_CAMPAIGNS):
        sale = Sale(json.loads(row["locked"])["sale"])
        if any(it.get("campaign_id") and "campaign_saving" not in it for it in sale.lines):
            continue
        at = datetime.fromtimestamp(row["recorded_at"], UTC)
        costs = _costs(sale, CatalogueAt(catalogue, row["tenant"], row["held"], at))
        used = json.loads(row["used"])
        for campaign_id in sorted(costs.keys() | used.keys()):
            if costs[campaign_id] != used.get(campaign_id, 0):
                yield {
                    "tenant": row["tenant"],
                    "campaign_id": campaign_id,
                    "checkout_id": row["checkout_id"],
                    "cost": costs[campaign_id],
                    "used": used.get(campaign_id),
                }


def _costs(sale: Sale, catalogue: CatalogueAt) -> Counter[str]:
    costs = Counter[str]()
    for line in sale.lines:
        if line.get("campaign_id"):
            costs[line["campaign_id"]] += line["campaign_saving"]
    for discount in sale.discounts:
        for campaign_id, _ in catalogue.campaigns_with(discount["promotion_id"]):
            costs[campaign_id] += discount["amount"]
    for campaign_id in tuple(costs):
        budget = (catalogue.campaign(campaign_id) or {}).get("budget")
        if budget is None or budget["currency"] != sale.currency:
            del costs[campaign_id]
    return costs


B3 = Check(
    "B3",
    "What each sale uses of promotions, referral rules and campaigns' budgets is what these have counted.",
    "SELECT count(*) FROM sold WHERE held_at IS NOT NULL",
    (
        ViolationQuery("a promotion's use", _one_to_one(PROMOTION, "promotion.redeemed")),
        ViolationQuery("a referral rule's use", _one_to_one(RULE, "referral_rule.use_redeemed")),
        ViolationQuery("a campaign's budget that has not paid what a sale cost it", campaign_costs),
        ViolationQuery(
            "a referral that was applied at the checkout and not with the payment",
            """
            SELECT s.tenant, s.checkout_id FROM sold s JOIN judged j USING (checkout_id)
            WHERE j.ended = 'completed' AND s.applied_at IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM log l WHERE l.checkout_id = s.checkout_id AND l.type = 'referral.redeemed')
            """,
        ),
    ),
)

CHECKS = (B3,)
