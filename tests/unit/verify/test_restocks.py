"""What of orders goes back into stock: asked for, once, and no more than was sold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from verify.check import run_check
from verify.checks.restocks import K4
from verify.dataset.dataset import Dataset

CHECKOUT, ORDER, RESTOCK, STOCK = (f"00000000-0000-7000-8000-00000000000{n}" for n in range(1, 5))
NOW = 1_800_000_000.0
STEP = "cancel:r"
Row = tuple[str, str, str, dict[str, Any]]
"""Service, stream, type and body."""


def units(quantity: int) -> list[dict[str, Any]]:
    return [{"product_id": "p", "quantity": quantity}]


SOLD: list[Row] = [
    ("checkout-saga", ORDER, "order.created", {"checkout_id": CHECKOUT, "sale": {"lines": [], "totals": {}}}),
    ("offer", STOCK, "stock.confirmed", {"checkout_id": CHECKOUT, "product_id": "p", "quantity": 3}),
    ("checkout-saga", CHECKOUT, "checkout.completed", {}),
]
CANCELLED: Row = ("checkout-saga", ORDER, "order.lines_cancelled", {"refund_id": "r"})
ASKED: Row = ("checkout-saga", "c", "offer.receive_stock", {"checkout_id": CHECKOUT, "step": STEP})


def made(quantity: int, step: str = STEP) -> Row:
    body = {"checkout_id": CHECKOUT, "step": step, "received": units(quantity)}
    return "offer", RESTOCK, "restock.made", body


def received(quantity: int) -> Row:
    return "offer", STOCK, "stock.received", {"product_id": "p", "quantity": quantity, "restock_id": RESTOCK}


def refunded(quantity: int, *, restock: bool = True) -> list[Row]:
    share = [{"line_id": "L", "quantity": quantity, "amount": 1, "tax": 0}]
    requested = {"refund_id": "r", "allocation": share, "restock": restock, "amount": 1}
    return [
        ("checkout-saga", ORDER, "order.refund_requested", requested),
        ("checkout-saga", ORDER, "order.refunded", {"refund_id": "r", "allocation": share, "amount": 1}),
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


def violations(into: Dataset, *rows: Row) -> list[str]:
    versions: dict[str, int] = {}
    for at, (service, stream, kind, body) in enumerate([*SOLD, *rows], start=1):
        versions[stream] = versions.get(stream, 0) + 1
        what = "command" if kind.startswith("offer.") else "fact"
        message = (service, at, stream, versions[stream], str(at), what, "demo", "topic", stream)
        content = (kind, "0", NOW - 40 * 86400, b"", body.get("checkout_id"), None, json.dumps(body))
        into.add("log", [(*message, *content)])
    into.derive()
    return [str(row["what"]) for row in run_check(K4, into).rows]


def test_cancelled_units_that_went_back_once_are_no_violation(dataset: Dataset) -> None:
    assert violations(dataset, CANCELLED, ASKED, received(2), made(2), made(2)) == []


def test_a_refund_without_restock_or_units_puts_nothing_back(dataset: Dataset) -> None:
    assert violations(dataset, *refunded(1, restock=False)) == []


RETURN = "00000000-0000-7000-8000-000000000009"
CAME_BACK: Row = (
    "checkout-saga",
    RETURN,
    "return.received",
    {"order_id": ORDER, "units": [{"line_id": "L", "quantity": 1, "condition": "sellable"}]},
)


def test_sellable_units_of_a_return_that_went_back_are_no_violation(dataset: Dataset) -> None:
    step = f"return:{RETURN}"
    asked = ("checkout-saga", "c", "offer.receive_stock", {"checkout_id": CHECKOUT, "step": step})
    assert violations(dataset, CAME_BACK, asked, received(1), made(1, step)) == []


@pytest.mark.parametrize("rows", [[CANCELLED], refunded(1), [CAME_BACK]])
def test_units_that_nothing_asks_back_are_found(dataset: Dataset, rows: list[Row]) -> None:
    assert violations(dataset, *rows) == ["to go back into stock, and never asked to"]


def test_units_that_nobody_wanted_back_are_found(dataset: Dataset) -> None:
    asked = ("checkout-saga", "c", "offer.receive_stock", {"checkout_id": CHECKOUT, "step": "refund:r"})
    found = violations(dataset, *refunded(1, restock=False), asked, received(1), made(1, "refund:r"))
    assert found == ["asked to go back, though no refund with restock, cancellation or return says so"]


def test_a_command_without_an_answer_is_found(dataset: Dataset) -> None:
    assert violations(dataset, CANCELLED, ASKED) == ["asked to go back, and not answered"]


@pytest.mark.parametrize("rows", [[made(2)], [received(1), made(2)], [received(2), received(2), made(2)]])
def test_a_stock_that_got_other_units_is_found(dataset: Dataset, rows: list[Row]) -> None:
    assert "the restock and the stock differ" in violations(dataset, CANCELLED, ASKED, *rows)


def test_more_units_than_were_sold_are_found(dataset: Dataset) -> None:
    again = (received(2), made(2, "refund:2"))
    found = violations(dataset, CANCELLED, ASKED, received(2), made(2), *again)
    assert found == ["more units put back than were sold"]
