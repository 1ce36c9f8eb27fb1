"""Rewards of referrers: one for an order, reversed by no more than it was, and issued as what is left."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from verify.check import Check, Row, ViolationQuery
from verify.dataset.dataset import Dataset
from verify.replays import replays

FACTS = """
    SELECT stream_id, tenant, position, type, body FROM log
    WHERE type LIKE 'reward.%' AND type <> 'reward.debt_changed' ORDER BY stream_id, version
"""
ORDERS = """
    SELECT stream_id, type, body FROM log
    WHERE type IN ('order.paid', 'order.refunded', 'order.refund_failed', 'order.cancelled')
      AND stream_id IN (SELECT json_extract(body, '$.order_id') FROM log WHERE type = 'reward.granted')
    ORDER BY stream_id, version
"""
READ = """
    SELECT o.stream_id FROM log o
    JOIN seen s ON s.stream_id = o.stream_id AND s.grp = 'offer.shoppers' AND s.service = 'offer'
    WHERE o.type LIKE 'order.%'
      AND o.stream_id NOT IN (SELECT p.stream_id FROM parked p WHERE p.service = 'offer' AND p.is_open)
    GROUP BY o.stream_id HAVING max(o.version) = max(s.version)
"""
"""Orders of which the offer service has read exactly what was copied of their log."""
PROMOTIONS = """
    SELECT stream_id, type, body FROM log
    WHERE type IN ('promotion.created', 'promotion.changed', 'promotion.disabled') ORDER BY stream_id, version
"""


class RewardReplay:
    """One reward, folded from its facts, independent of the offer service's code."""

    def __init__(self) -> None:
        self.granted: Mapping[str, Any] = {}
        self.reversed = 0
        self.debt = 0
        self.issued: Mapping[str, Any] | None = None
        self.worth = 0

    @property
    def amount(self) -> int:
        return int(self.granted.get("amount", 0))

    def apply(self, type_: str, fact: Mapping[str, Any]) -> str | None:
        """Apply a fact. Returns the violation, or None."""
        match type_:
            case "reward.granted":
                self.granted = fact
            case "reward.reversed":
                self.reversed += fact["amount"]
                self.debt += fact.get("debt", 0)
                self.worth = fact.get("promotion_amount", self.worth)
            case "reward.issued" if self.issued is not None:
                return "issued twice"
            case "reward.issued":
                self.issued = fact
                self.worth, self.debt = fact["amount"], self.debt + fact.get("debt", 0)
        if not 0 <= self.reversed <= self.amount:
            return "reversed by more than it was, or by less than nothing"
        if self.issued is not None and self.worth != self.amount - self.reversed + self.debt:
            return "issued as another amount than is left of it"
        return None


def amounts(dataset: Dataset) -> Iterator[Row]:
    for row, found in replays(dataset, FACTS, RewardReplay):
        if wrong := found.apply(row["type"], json.loads(row["body"] or "{}")):
            yield {
                "wrong": wrong,
                "tenant": row["tenant"],
                "reward_id": row["stream_id"],
                "position": row["position"],
            }


def promotions(dataset: Dataset) -> Iterator[Row]:
    """A promotion that is on is worth what its reward says."""
    values: dict[str, str | None] = {}
    for row in dataset.sql.execute(PROMOTIONS):
        is_off = row["type"] == "promotion.disabled"
        values[row["stream_id"]] = None if is_off else json.loads(row["body"])["terms"].get("value")
    for stream, tenant, found in _all(dataset):
        promotion_id = found.issued.get("promotion_id") if found.issued else None
        value = values.get(promotion_id or "")
        if promotion_id and value is not None and value != str(found.worth):
            yield {
                "tenant": tenant,
                "reward_id": stream,
                "promotion_id": promotion_id,
                "worth": found.worth,
                "promotion": value,
            }


def orders(dataset: Dataset) -> Iterator[Row]:
    """The order was paid, and what its refunds reverse, rounded half up, is reversed."""
    read = {row["stream_id"] for row in dataset.sql.execute(READ)}
    facts: dict[str, list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
    for row in dataset.sql.execute(ORDERS):
        facts[row["stream_id"]].append((row["type"], json.loads(row["body"] or "{}")))
    for stream, tenant, found in _all(dataset):
        order_id = found.granted.get("order_id", "")
        if order_id not in read:
            continue
        of_order, where = facts[order_id], {"tenant": tenant, "reward_id": stream, "order_id": order_id}
        if "order.paid" not in {type_ for type_, _ in of_order}:
            yield {"wrong": "not paid", **where}
        expected = _expected(found.granted, of_order)
        if expected != found.reversed:
            yield {"wrong": "reversed", **where, "reversed": found.reversed, "by_refunds": expected}


def _expected(granted: Mapping[str, Any], facts: list[tuple[str, Mapping[str, Any]]]) -> int:
    back: dict[str | None, int] = {}
    base, amount = int(granted["base"]), int(granted["amount"])
    for type_, fact in facts:
        match type_:
            case "order.cancelled":
                return amount
            case "order.refunded" | "order.refund_failed":
                shares = fact.get("allocation", ())  # a failed refund has none
                back[fact.get("refund_id")] = sum(
                    it["amount"] - it.get("tax", 0)
                    for it in shares
                    if it.get("line_id") in granted["line_ids"]
                )
    return (2 * amount * min(sum(back.values()), base) + base) // (2 * base)


def _all(dataset: Dataset) -> Iterator[tuple[str, str, RewardReplay]]:
    last: dict[str, tuple[str, RewardReplay]] = {}
    for row, found in replays(dataset, FACTS, RewardReplay):
        found.apply(row["type"], json.loads(row["body"] or "{}"))
        last[row["stream_id"]] = row["tenant"], found
    return ((stream, tenant, found) for stream, (tenant, found) in last.items())


C5 = Check(
    "C5",
    "An order earns one referrer's reward; refunds reverse it to the cent; what is left was issued once.",
    "SELECT count(*) FROM log WHERE type LIKE 'reward.%'",
    (
        ViolationQuery("amounts that do not add up", amounts),
        ViolationQuery("a promotion of another amount than is left of the reward", promotions),
        ViolationQuery("rewarded otherwise than the order's facts say", orders),
        ViolationQuery(
            "confirmed or issued before its time",
            """
            SELECT c.tenant, c.stream_id AS reward_id, c.type, c.recorded_at,
                   moment(json_extract(g.body, '$.confirm_at')) AS confirm_at
            FROM log c JOIN log g ON g.stream_id = c.stream_id AND g.type = 'reward.granted'
            WHERE c.type IN ('reward.confirmed', 'reward.issued')
              AND (c.recorded_at < confirm_at - 1
                   OR c.type = 'reward.issued' AND NOT EXISTS (
                       SELECT 1 FROM log b WHERE b.stream_id = c.stream_id AND b.type = 'reward.confirmed'
                       AND b.version < c.version))
            """,
        ),
        ViolationQuery(
            "confirmed while a refund was open",
            """
            SELECT c.tenant, c.stream_id AS reward_id, json_extract(o.body, '$.refund_id') AS refund_id
            FROM log c JOIN log o ON o.stream_id = c.stream_id AND o.type = 'reward.refund_opened'
                AND o.version < c.version
            WHERE c.type = 'reward.confirmed' AND NOT EXISTS (
                SELECT 1 FROM log r WHERE r.stream_id = c.stream_id AND r.type = 'reward.reversed'
                AND r.version > o.version AND r.version < c.version
                AND (json_extract(r.body, '$.cancelled')
                     OR json_extract(r.body, '$.refund_id') = json_extract(o.body, '$.refund_id')))
            """,
        ),
        ViolationQuery(
            "an order with several rewards",
            """
            SELECT tenant, json_extract(body, '$.order_id') AS order_id, count(*) AS rewards
            FROM log WHERE type = 'reward.granted' GROUP BY tenant, order_id HAVING rewards <> 1
            """,
        ),
        ViolationQuery(
            "a debt that is not the sum of its changes by rewards",
            """
            SELECT d.tenant, d.stream_id, json_extract(d.body, '$.currency') AS currency,
                   sum(json_extract(d.body, '$.amount')) AS changes,
                   (SELECT json_extract(e.body, '$.debt') FROM log e
                    WHERE e.stream_id = d.stream_id AND e.type = 'reward.debt_changed'
                      AND json_extract(e.body, '$.currency') = json_extract(d.body, '$.currency')
                    ORDER BY e.version DESC LIMIT 1) AS debt
            FROM log d WHERE d.type = 'reward.debt_changed' GROUP BY d.stream_id, currency
            HAVING changes <> debt
            """,
        ),
    ),
)

CHECKS = (C5,)
