"""Promotions: uses stay within the limits, and end with their checkout."""

import json
from collections import Counter
from collections.abc import Collection, Iterator

from verify.check import Check, Row, ViolationQuery
from verify.dataset.dataset import Dataset
from verify.people import People
from verify.replays import replays

FACTS = """
    SELECT stream_id, tenant, position, type, customer, checkout_id, recorded_at, body FROM log
    WHERE type IN ('promotion.created', 'promotion.changed', 'promotion.reserved', 'promotion.released')
    ORDER BY stream_id, version
"""


class PromotionReplay:
    """Uses of one promotion, folded from its facts, independent of the offer service's code."""

    def __init__(self) -> None:
        self.total: int | None = None
        self.per_customer: int | None = None
        self.held: set[str] = set()
        self.by_customer: Counter[str] = Counter()

    def apply(
        self, type_: str, checkout: str, customer: str, body: str, ids: Collection[str] = ()
    ) -> str | None:
        """Apply a fact. ``ids``: all of the customer's person. Returns the violation, or None."""
        if type_ in {"promotion.created", "promotion.changed"}:
            limits = json.loads(body)["terms"].get("limits", {})
            self.total, self.per_customer = limits.get("total"), limits.get("per_customer")
            return None
        if type_ == "promotion.released":
            if checkout not in self.held:
                return "releases a use that is not held"
            self.held.remove(checkout)
            self.by_customer[customer] -= 1
            return None
        if checkout in self.held:
            return "used twice by one checkout"
        self.held.add(checkout)
        self.by_customer[customer] += 1
        if self.total is not None and len(self.held) > self.total:
            return "used beyond its limit"
        uses = sum(self.by_customer[it] for it in {customer, *ids})
        if self.per_customer is not None and uses > self.per_customer:
            return "used beyond the limit of one customer"
        return None


def limits(dataset: Dataset) -> Iterator[Row]:
    people = People(dataset)
    for row, uses in replays(dataset, FACTS, PromotionReplay):
        customer = row["customer"] or ""
        ids = people.ids(row["tenant"], customer, row["recorded_at"])
        if wrong := uses.apply(row["type"], row["checkout_id"], customer, row["body"], ids):
            yield {
                "wrong": wrong,
                "tenant": row["tenant"],
                "promotion_id": row["stream_id"],
                "position": row["position"],
                "checkout_id": row["checkout_id"],
                "uses": len(uses.held),
                "limit": uses.total,
                "limit_per_customer": uses.per_customer,
            }


C1 = Check(
    "C1",
    "Promotions are used within their limits; a use ends with its checkout: redeemed or given back.",
    """
    SELECT count(*) FROM log WHERE type IN ('promotion.reserved', 'promotion.redeemed', 'promotion.released')
    """,
    (
        ViolationQuery("uses that do not add up", limits),
        ViolationQuery(
            "kept by a checkout that failed, or not redeemed by one that was completed",
            """
            SELECT j.tenant, l.stream_id AS promotion_id, j.checkout_id, j.ended,
                   sum(l.type = 'promotion.reserved') AS reserved,
                       sum(l.type = 'promotion.redeemed') AS redeemed,
                   sum(l.type = 'promotion.released') AS released
            FROM log l JOIN judged j USING (checkout_id)
            WHERE l.type IN ('promotion.reserved', 'promotion.redeemed', 'promotion.released')
            GROUP BY l.stream_id, j.checkout_id
            HAVING (j.ended = 'failed' AND reserved <> released)
                OR (j.ended = 'completed' AND (redeemed <> 1 OR reserved <> 1 OR released <> 0))
            """,
        ),
    ),
)

CHECKS = (C1,)
