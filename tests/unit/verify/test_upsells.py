"""An upsell after a purchase: sold as it was proposed, by one checkout, and without a cart of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from verify.check import Check, run_check
from verify.checks.keys import I1
from verify.checks.orders import O5
from verify.checks.sagas import S6
from verify.dataset.dataset import Dataset

FIRST, SECOND, THIRD, ORDER, OWN, PROPOSALS = (f"00000000-0000-7000-8000-00000000000{n}" for n in range(1, 7))
CART, UPSELL = "cart", "upsell"
NOW = 1_800_000_000.0
Row = tuple[str, str, str, dict[str, Any]]
"""Service, stream, type and body."""


def sale(total: int) -> dict[str, Any]:
    return {"lines": [{"line_id": "1", "total": total, "tax": 0}], "totals": {"total": total, "tax": 0}}


def origin(order_id: str = ORDER) -> dict[str, Any]:
    return {"kind": "upsell", "order_id": order_id, "upsell_id": UPSELL, "attempt": 1}


def started(checkout_id: str) -> Row:
    return "checkout-saga", checkout_id, "checkout.started", {"cart_id": CART, "origin": origin()}


def sold(checkout_id: str, total: int = 2178, order_id: str = ORDER) -> list[Row]:
    body = {"checkout_id": checkout_id, "cart_id": CART, "sale": sale(total), "origin": origin(order_id)}
    return [
        started(checkout_id),
        ("checkout-saga", OWN, "order.created", body),
        ("checkout-saga", checkout_id, "checkout.completed", {}),
    ]


BOUGHT: list[Row] = [
    ("checkout-saga", FIRST, "checkout.started", {"cart_id": CART}),
    ("checkout-saga", ORDER, "order.created", {"checkout_id": FIRST, "cart_id": CART, "sale": sale(9900)}),
    ("checkout-saga", FIRST, "checkout.completed", {}),
    ("cart", CART, "cart.converted", {"checkout_id": FIRST}),
    (
        "offer",
        PROPOSALS,
        "upsell.proposed",
        {"checkout_id": FIRST, "upsells": [{"upsell_id": UPSELL, "sale": sale(2178)}]},
    ),
]


@pytest.fixture
def dataset() -> Iterator[Dataset]:
    found = Dataset(Path(":memory:"))
    try:
        found.begin()
        found.add("horizon", [("now", NOW), ("settled", 1e18)])
        yield found
    finally:
        found.close()


def violations(check: Check, into: Dataset, *rows: Row) -> list[str]:
    versions: dict[str, int] = {}
    for at, (service, stream, kind, body) in enumerate([*BOUGHT, *rows], start=1):
        versions[stream] = versions.get(stream, 0) + 1
        message = (service, at, stream, versions[stream], str(at), "fact", "demo", "topic", stream)
        content = (kind, "0", NOW - 3600, b"", body.get("checkout_id"), None, json.dumps(body))
        into.add("log", [(*message, *content)])
    into.derive()
    return [str(row["what"]) for row in run_check(check, into).rows]


@pytest.mark.parametrize("check", [O5, I1, S6], ids=lambda it: it.name)
def test_an_upsell_that_was_sold_as_it_was_proposed_is_no_violation(dataset: Dataset, check: Check) -> None:
    assert violations(check, dataset, *sold(SECOND)) == []


@pytest.mark.parametrize(
    "rows", [sold(SECOND, total=2177), sold(SECOND, order_id=OWN)], ids=["another price", "another order"]
)
def test_an_upsell_that_was_not_proposed_like_this_is_found(dataset: Dataset, rows: list[Row]) -> None:
    assert violations(O5, dataset, *rows) == [
        "sold for other amounts than it was proposed for, or never proposed"
    ]


def test_an_upsell_that_two_checkouts_bought_is_found(dataset: Dataset) -> None:
    again = [started(THIRD), ("checkout-saga", THIRD, "checkout.completed", {})]

    assert violations(O5, dataset, *sold(SECOND), *again) == ["bought by several checkouts"]
