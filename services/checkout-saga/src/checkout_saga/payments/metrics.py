"""Counts the money of payments by what happened to it."""

from __future__ import annotations

import json
from collections.abc import Collection

from contracts import payment as facts
from kernel.observability.metrics.declaring import Part, counter
from kernel.store.changes import AfterCommit, Changes

MONEY = counter(
    Part.PROCESS,
    "feira_payment_amount",
    "Money of payments in minor units, by what happened to it: authorized, captured, voided, refunded or"
    " declined. The kind is the currency. The reason is the code of a decline, none for all others, other for"
    " a code that the service does not name",
    ("what", "reason", "kind"),
)
NO_REASON, OTHER_REASON = "none", "other"
COUNTED = {
    it.TYPE: it.TYPE.rpartition(".")[2]
    for it in (facts.Authorized, facts.Captured, facts.Voided, facts.Refunded, facts.Declined)
}


def count_money(reasons: Collection[str]) -> AfterCommit:
    """A hook for after the commit. ``reasons``: the codes that are a value of the label, a closed list."""
    known = frozenset(reasons)

    def count(changes: Changes) -> None:
        for row in changes.rows:
            if what := COUNTED.get(row.type):
                fact = json.loads(row.body)
                reason = fact.get("code", NO_REASON)
                label = reason if reason == NO_REASON or reason in known else OTHER_REASON
                MONEY.labels(what, label, fact["currency"]).inc(fact["amount"])

    return count
