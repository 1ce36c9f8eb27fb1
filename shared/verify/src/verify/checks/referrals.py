"""Referrals: uses of rules stay within the limits, and end with their checkout."""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from verify.check import Check, Row, ViolationQuery
from verify.dataset.dataset import Dataset
from verify.people import People
from verify.replays import replays

FACTS = """
    SELECT stream_id, tenant, position, type, customer, checkout_id, recorded_at, body FROM log
    WHERE type LIKE 'referral_rule.%' ORDER BY stream_id, version
"""


class RuleReplay:
    """Uses of one rule, folded from its facts, independent of the offer service's code."""

    def __init__(self) -> None:
        self.limits: Mapping[str, int | None] = {}
        self.held: set[str] = set()
        self.by_referee: Counter[str] = Counter()
        self.by_referrer: Counter[str] = Counter()

    def apply(
        self, type_: str, checkout: str, referee: str, fact: Mapping[str, Any], ids: Collection[str] = ()
    ) -> str | None:
        """Apply a fact. ``ids``: all of the referee's person. Returns the violation, or None."""
        if type_ in {"referral_rule.created", "referral_rule.changed"}:
            self.limits = fact["details"].get("limits", {})
            return None
        referrer = fact.get("referrer", "")
        if type_ == "referral_rule.use_held":
            if checkout in self.held:
                return "used twice by one checkout"
            self._count(checkout, referee, referrer)
            return self._beyond({referee, *ids}, referrer)
        if type_ == "referral_rule.use_released":
            if checkout not in self.held:
                return "releases a use that is not held"
            self.held.remove(checkout)
            self.by_referee[referee] -= 1
            self.by_referrer[referrer] -= 1
        return None

    def _count(self, checkout: str, referee: str, referrer: str) -> None:
        self.held.add(checkout)
        self.by_referee[referee] += 1
        self.by_referrer[referrer] += 1

    def _beyond(self, referees: Collection[str], referrer: str) -> str | None:
        uses = {
            "total": len(self.held),
            "per_referee": sum(self.by_referee[it] for it in referees),
            "per_referrer": self.by_referrer[referrer],
        }
        for name, used in uses.items():
            limit = self.limits.get(name)
            if limit is not None and used > limit:
                return f"used beyond its limit {name}"
        return None


def limits(dataset: Dataset) -> Iterator[Row]:
    people = People(dataset)
    for row, uses in replays(dataset, FACTS, RuleReplay):
        fact, referee = json.loads(row["body"]), row["customer"] or ""
        ids = people.ids(row["tenant"], referee, row["recorded_at"])
        if wrong := uses.apply(row["type"], row["checkout_id"], referee, fact, ids):
            yield {
                "wrong": wrong,
                "tenant": row["tenant"],
                "rule_id": row["stream_id"],
                "position": row["position"],
                "checkout_id": row["checkout_id"],
            }


C2 = Check(
    "C2",
    "Referral rules are used within their limits; a use ends with its checkout: redeemed or given back.",
    "SELECT count(*) FROM log WHERE type LIKE 'referral_rule.use%'",
    (
        ViolationQuery("uses that do not add up", limits),
        ViolationQuery(
            "kept by a checkout that failed, or not redeemed by one that was completed",
            """
            SELECT j.tenant, l.stream_id AS rule_id, j.checkout_id, j.ended,
                   sum(l.type = 'referral_rule.use_held') AS held,
                   sum(l.type = 'referral_rule.use_redeemed') AS redeemed,
                   sum(l.type = 'referral_rule.use_released') AS released
            FROM log l JOIN judged j USING (checkout_id) WHERE l.type LIKE 'referral_rule.use%'
            GROUP BY l.stream_id, j.checkout_id
            HAVING (j.ended = 'failed' AND held <> released)
                OR (j.ended = 'completed' AND (redeemed <> 1 OR held <> 1 OR released <> 0))
            """,
        ),
    ),
)

CHECKS = (C2,)
