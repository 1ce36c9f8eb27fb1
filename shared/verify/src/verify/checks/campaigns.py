"""Campaigns and experiments: budgets are not overspent, and a session is exposed and converts once."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from verify.check import Check, Row, ViolationQuery
from verify.dataset.dataset import Dataset
from verify.replays import replays

FACTS = """
    SELECT stream_id, tenant, position, type, checkout_id, body FROM log
    WHERE type LIKE 'campaign.%' ORDER BY stream_id, version
"""


class BudgetReplay:
    """The budget of one campaign, folded from its facts, independent of the offer service's code."""

    def __init__(self) -> None:
        self.budget: int | None = None
        self.spent: dict[str, int] = {}
        """What is held or used, by checkout."""

    def apply(self, type_: str, checkout: str, fact: Mapping[str, Any]) -> str | None:
        """Apply a fact. Returns the violation, or None."""
        match type_:
            case "campaign.created" | "campaign.changed":
                budget = fact["details"].get("budget")
                self.budget = None if budget is None else budget["amount"]
            case "campaign.budget_held":
                if checkout in self.spent:
                    return "held twice for one checkout"
                self.spent[checkout] = fact["amount"]
                if self.budget is not None and sum(self.spent.values()) > self.budget:
                    return "held beyond the budget"
            case "campaign.budget_used":
                if self.spent.get(checkout) != fact["amount"]:
                    return "uses another amount than was held"
            case "campaign.budget_released":
                if self.spent.pop(checkout, None) != fact["amount"]:
                    return "releases another amount than was held"
        return None


def budgets(dataset: Dataset) -> Iterator[Row]:
    for row, budget in replays(dataset, FACTS, BudgetReplay):
        if wrong := budget.apply(row["type"], row["checkout_id"], json.loads(row["body"])):
            yield {
                "wrong": wrong,
                "tenant": row["tenant"],
                "campaign_id": row["stream_id"],
                "position": row["position"],
                "checkout_id": row["checkout_id"],
                "spent": sum(budget.spent.values()),
                "budget": budget.budget,
            }


C3 = Check(
    "C3",
    "No campaign spends more than its budget; what a checkout holds of it is used or given back.",
    "SELECT count(*) FROM log WHERE type LIKE 'campaign.budget%'",
    (
        ViolationQuery("amounts that do not add up", budgets),
        ViolationQuery(
            "kept by a checkout that failed, or not used by one that was completed",
            """
            SELECT j.tenant, l.stream_id AS campaign_id, j.checkout_id, j.ended,
                   sum(l.type = 'campaign.budget_held') AS held, sum(l.type = 'campaign.budget_used') AS used,
                   sum(l.type = 'campaign.budget_released') AS released
            FROM log l JOIN judged j USING (checkout_id) WHERE l.type LIKE 'campaign.budget%'
            GROUP BY l.stream_id, j.checkout_id
            HAVING (j.ended = 'failed' AND held <> released)
                OR (j.ended = 'completed' AND (used <> 1 OR held <> 1 OR released <> 0))
            """,
        ),
    ),
)

C4 = Check(
    "C4",
    "A session is exposed to one variant of an experiment, once, and converts at most once, by that variant.",
    "SELECT count(*) FROM log WHERE type IN ('offer.variant_selected', 'offer.variant_converted')",
    (
        ViolationQuery(
            "exposed or converted more than once, or by another variant",
            """
            SELECT tenant, stream_id AS exposure_id, sum(type = 'offer.variant_selected') AS exposed,
                   sum(type = 'offer.variant_converted') AS converted,
                   count(DISTINCT json_extract(body, '$.variant_id')) AS variants
            FROM log WHERE type IN ('offer.variant_selected', 'offer.variant_converted') GROUP BY stream_id
            HAVING exposed <> 1 OR converted > 1 OR variants <> 1
            """,
        ),
    ),
)

CHECKS = (C3, C4)
