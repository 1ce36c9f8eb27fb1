"""The list of what a merchant has at the gateway, by the simulated gateway's own rules, in short pages.

There are no fees and no disputes in it: the gateway of the simulation has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from tests.proofs.simulation.ledger import Entry, Ledger

PAGE = 3
MOVES = {"captured": "capture", "refunded": "refund"}
"""By the status of an entry, what it has moved."""


def page(ledger: Ledger, params: Mapping[str, Any]) -> dict[str, Any]:
    """As the gateway's own route answers."""
    since, until = (datetime.fromisoformat(params[it]) for it in ("since", "until"))
    of_merchant = (it for it in ledger.entries.values() if it.merchant == params["merchant"])
    found = (
        _listed(ledger, it)
        for it in of_merchant
        if it.number > params["after"]
        and since <= ledger.done_at[it.number] < until
        and _is_listed(ledger, it)
    )
    shown = list(islice(found, PAGE))
    return {
        "entries": [entry for _, entry in shown],
        "next": shown[-1][0] if len(shown) == PAGE else None,
    }


def held(ledger: Ledger) -> Iterator[Entry]:
    """The authorizations that hold money now."""
    return (it for it in ledger.entries.values() if it.status == "authorized" and _is_listed(ledger, it))


def _is_listed(ledger: Ledger, it: Entry) -> bool:
    """Authorizations are, as long as they hold money."""
    is_held = ledger.payments[it.merchant, it.payment_id].status == "authorized"
    return it.status in MOVES or (it.status == "authorized" and is_held)


def _listed(ledger: Ledger, it: Entry) -> tuple[int, dict[str, Any]]:
    place = it.merchant, it.payment_id
    kind = MOVES.get(it.status)
    return it.number, {
        "kind": kind or "authorization",
        "state": "done" if kind else "open",
        "reference": it.reference,
        "amount": it.amount if kind else ledger.payments[place].authorized,
        "currency": it.currency,
        "at": ledger.done_at[it.number],
        "payment_id": it.payment_id,
        "checkout_id": ledger.checkouts.get(place),
        "key": it.key,
    }
