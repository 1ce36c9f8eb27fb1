"""Goods: no unit leaves twice, lines count what shipments hold, and no more comes back than has left."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from verify.check import Check, run_check
from verify.checks.fulfillment import F2, F3
from verify.dataset.dataset import Dataset

ORDER, LINE, FIRST, SECOND, RETURN = (f"00000000-0000-7000-8000-00000000000{n}" for n in range(1, 6))
NOW = 1_800_000_000.0
Row = tuple[str, str, dict[str, Any]]
"""Stream, type and body."""
SOLD: list[Row] = [
    (ORDER, "order.created", {"sale": {"lines": [{"line_id": "a", "quantity": 2}], "totals": {}}}),
    (LINE, "fulfillment.requested", {"order_id": ORDER, "line_id": "a", "attempt": 1}),
]


def shipped(shipment: str, units: int, counted: int | None = None) -> list[Row]:
    body = {"order_id": ORDER, "units": [{"line_id": "a", "quantity": units}]}
    in_line = {"attempt": 1, "reference": shipment, "units": units if counted is None else counted}
    return [(shipment, "shipment.dispatched", body), (LINE, "fulfillment.pending", in_line)]


def lost(shipment: str) -> Row:
    return shipment, "shipment.failed", {"order_id": ORDER}


@pytest.fixture
def dataset() -> Iterator[Dataset]:
    found = Dataset(Path(":memory:"))
    try:
        found.begin()
        found.add("horizon", [("now", NOW), ("settled", 1e18)])
        yield found
    finally:
        found.close()


def violations(into: Dataset, *rows: Row, by: Check = F2) -> list[str]:
    versions: dict[str, int] = {}
    for at, (stream, kind, body) in enumerate([*SOLD, *rows], start=1):
        versions[stream] = versions.get(stream, 0) + 1
        place = ("checkout-saga", at, stream, versions[stream], str(at), "fact", "demo", "topic", stream)
        into.add("log", [(*place, kind, "0", NOW - 40 * 86400, b"", None, None, json.dumps(body))])
    into.derive()
    return [str(row["what"]) for row in run_check(by, into).rows]


def test_units_that_leave_again_after_a_loss_are_no_violation(dataset: Dataset) -> None:
    assert violations(dataset, *shipped(FIRST, 2), lost(FIRST), *shipped(SECOND, 2)) == []


def test_units_that_leave_twice_are_found(dataset: Dataset) -> None:
    rows = (*shipped(FIRST, 2), *shipped(SECOND, 1))
    assert violations(dataset, *rows) == ["more units under way or delivered than were sold"]


@pytest.mark.parametrize("counted", [0, 1])
def test_a_line_that_counts_other_units_than_its_shipment_is_found(dataset: Dataset, counted: int) -> None:
    assert violations(dataset, *shipped(FIRST, 2, counted)) == ["the line and its shipments differ"]


def completed(shipment: str, units: int, counted: int, reference: str = "parcel 7") -> list[Row]:
    """The shop has handed the line over under a name of its own."""
    left, _ = shipped(shipment, units)
    in_line = {"attempt": 1, "reference": reference, "units": counted}
    return [left, (LINE, "fulfillment.succeeded", in_line)]


def test_a_shipment_that_the_shop_calls_otherwise_is_no_violation(dataset: Dataset) -> None:
    assert violations(dataset, *shipped(FIRST, 1), *completed(SECOND, 1, counted=1)) == []


@pytest.mark.parametrize("counted", [0, 1])
def test_other_units_under_the_shops_own_name_are_found(dataset: Dataset, counted: int) -> None:
    assert violations(dataset, *completed(FIRST, 2, counted)) == ["the line and its shipments differ"]


def test_shipments_whose_differences_add_up_to_nothing_are_found(dataset: Dataset) -> None:
    rows = (*shipped(FIRST, 1, counted=0), *shipped(SECOND, 1, counted=2))
    assert violations(dataset, *rows) == ["the line and its shipments differ"] * 2


def test_units_that_count_and_are_in_no_shipment_are_found(dataset: Dataset) -> None:
    _, counted = shipped(FIRST, 1)
    assert violations(dataset, counted, *shipped(SECOND, 1)) == ["the line and its shipments differ"]


def back(units: int, condition: str = "damaged", refund_id: str | None = None) -> Row:
    received = [{"line_id": "a", "quantity": units, "condition": condition}]
    return RETURN, "return.received", {"order_id": ORDER, "units": received, "refund_id": refund_id}


def asked(refund_id: str, return_id: str) -> Row:
    return ORDER, "order.refund_requested", {"refund_id": refund_id, "return_id": return_id, "amount": 1}


def test_units_that_came_back_and_are_refunded_are_no_violation(dataset: Dataset) -> None:
    rows = (*shipped(FIRST, 2), asked("r", RETURN), back(2, refund_id="r"), back(3, "missing"))
    assert violations(dataset, *rows, by=F3) == []


def test_units_that_come_back_though_they_were_lost_are_found(dataset: Dataset) -> None:
    rows = (*shipped(FIRST, 2), lost(FIRST), back(1))
    assert violations(dataset, *rows, by=F3) == ["more units came back than have left"]


def test_a_return_whose_refund_belongs_to_another_one_is_found(dataset: Dataset) -> None:
    rows = (*shipped(FIRST, 2), asked("r", FIRST), back(1, refund_id="r"))
    assert violations(dataset, *rows, by=F3) == ["received with a refund that was never asked for"]


def test_an_approved_return_that_nothing_ends_is_found(dataset: Dataset) -> None:
    approved: Row = (RETURN, "return.approved", {"order_id": ORDER})
    assert violations(dataset, approved, by=F3) == ["waits for goods, and nothing ends it"]
