"""Lines and courses are given once, and taken back when they are no longer the customer's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from verify.check import run_check
from verify.checks.taken_back import F4
from verify.dataset.dataset import Dataset

CHECKOUT, ORDER, LINE, ENROLLMENT = (f"00000000-0000-7000-8000-00000000000{n}" for n in range(1, 5))
Row = tuple[str, str, dict[str, Any]]
"""Stream, type and body."""
SALE = {"lines": [{"line_id": "L", "product_id": "p", "quantity": 2, "total": 20, "tax": 0}], "totals": {}}
CREATED: Row = (ORDER, "order.created", {"checkout_id": CHECKOUT, "sale": SALE})
REQUESTED: Row = (LINE, "fulfillment.requested", {"order_id": ORDER, "line_id": "L"})
SUCCEEDED: Row = (LINE, "fulfillment.succeeded", {})
REVOKED: Row = (LINE, "fulfillment.revoked", {})
GRANTED: Row = (ENROLLMENT, "enrollment.granted", {})
TAKEN: Row = (ENROLLMENT, "enrollment.revoked", {})
STILL_THERE = "a line of a cancelled order, or without any units left, that was not taken back"
TRIED_AGAIN = "a line that was tried again after it was handed over, or was taken back"


def cancelled(quantity: int) -> Row:
    units = [{"line_id": "L", "quantity": quantity}]
    return ORDER, "order.lines_cancelled", {"refund_id": "r", "units": units}


def refunded(quantity: int, refund_id: str | None = "r") -> Row:
    share = [{"line_id": "L", "quantity": quantity, "amount": 10, "tax": 0}]
    return ORDER, "order.refunded", {"refund_id": refund_id, "amount": 10, "allocation": share}


@pytest.fixture
def dataset() -> Iterator[Dataset]:
    found = Dataset(Path(":memory:"))
    try:
        found.begin()
        found.add("horizon", [("now", 1_800_000_000.0), ("settled", 1e18)])
        yield found
    finally:
        found.close()


def violations(into: Dataset, *rows: Row) -> list[str]:
    versions: dict[str, int] = {}
    for at, (stream, kind, body) in enumerate([CREATED, *rows], start=1):
        versions[stream] = versions.get(stream, 0) + 1
        message = ("checkout-saga", at, stream, versions[stream], str(at), "fact", "demo", "topic", stream)
        into.add("log", [(*message, kind, "0", 1.0, b"", body.get("checkout_id"), None, json.dumps(body))])
    into.derive()
    return [str(row["what"]) for row in run_check(F4, into).rows]


@pytest.mark.parametrize(
    "rows",
    [
        [REQUESTED, SUCCEEDED],
        [REQUESTED, REQUESTED, SUCCEEDED, refunded(1), cancelled(1)],
        [REQUESTED, SUCCEEDED, refunded(2), REVOKED],
        [REQUESTED, REVOKED, cancelled(2)],
        [refunded(2)],
        [GRANTED, TAKEN, GRANTED],
    ],
    ids=["done", "a unit left", "refunded", "cancelled", "never begun", "given anew"],
)
def test_what_is_handed_over_once_and_taken_back_is_no_violation(dataset: Dataset, rows: list[Row]) -> None:
    assert violations(dataset, *rows) == []


@pytest.mark.parametrize(
    "rows",
    [[REQUESTED, SUCCEEDED, SUCCEEDED], [REQUESTED, SUCCEEDED, REQUESTED], [REQUESTED, REVOKED, REQUESTED]],
    ids=["done twice", "tried after it was done", "tried after it was taken back"],
)
def test_a_line_that_is_tried_after_its_end_is_found(dataset: Dataset, rows: list[Row]) -> None:
    assert violations(dataset, *rows) == [TRIED_AGAIN]


@pytest.mark.parametrize(
    "end",
    [(ORDER, "order.cancelled", {}), cancelled(2), refunded(2)],
    ids=["cancelled order", "cancelled units", "refunded units"],
)
def test_a_line_that_the_customer_keeps_without_units_is_found(dataset: Dataset, end: Row) -> None:
    assert violations(dataset, REQUESTED, SUCCEEDED, end) == [STILL_THERE]


def test_a_course_that_is_given_twice_is_found(dataset: Dataset) -> None:
    assert violations(dataset, GRANTED, GRANTED) == ["a course that a customer was given twice"]
