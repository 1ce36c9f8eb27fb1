"""Reconciliations end or go on, and note each movement at a provider once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from verify.check import run_check
from verify.checks.reconciliations import R1
from verify.dataset.dataset import Dataset

RUN, FEE, SAME_FEE, FOUND = (f"00000000-0000-7000-8000-00000000000{it}" for it in range(1, 5))
NOW = 1_800_000_000.0
CHARGED: dict[str, Any] = {"account_id": "an account", "reference": "txn_1"}
Row = tuple[str, str, dict[str, Any]]
"""Stream, type and body."""
STARTED: Row = (RUN, "reconciliation.started", {})
COMPLETED: Row = (RUN, "reconciliation.completed", {})


@pytest.fixture
def dataset() -> Iterator[Dataset]:
    found = Dataset(Path(":memory:"))
    try:
        found.begin()
        found.add("horizon", [("now", NOW), ("settled", 1e18)])
        yield found
    finally:
        found.close()


def violations(into: Dataset, *rows: Row, timer: str | None = None) -> list[str]:
    for at, (stream, kind, body) in enumerate(rows, start=1):
        place = ("checkout-saga", at, stream, at, str(at), "fact", "demo", "topic", stream)
        into.add("log", [(*place, kind, "0", NOW - 3600, b"", None, None, json.dumps(body))])
    if timer:
        into.add("timer", [("checkout-saga", RUN, timer, "demo", NOW, 0)])
    into.derive()
    return [str(row["what"]) for row in run_check(R1, into).rows]


def test_a_run_that_has_ended_or_goes_on_is_right(dataset: Dataset) -> None:
    assert violations(dataset, STARTED, COMPLETED) == []


def test_a_run_that_goes_on_is_right(dataset: Dataset) -> None:
    assert violations(dataset, STARTED, timer="reconciliation") == []


def test_a_run_that_nothing_goes_on_with_is_found(dataset: Dataset) -> None:
    found = violations(dataset, STARTED, timer="reconcile")
    assert found == ["a run that has not ended, and that nothing goes on with"]


def test_a_fee_that_is_noted_twice_is_found(dataset: Dataset) -> None:
    rows = ((FEE, "provider.fee_charged", CHARGED), (SAME_FEE, "provider.fee_charged", CHARGED))
    assert violations(dataset, *rows) == ["a movement that is noted twice"]


def test_money_that_was_returned_twice_is_found(dataset: Dataset) -> None:
    resolved: Row = (FOUND, "reconciliation.difference_resolved", {"resolution": "returned"})
    assert violations(dataset, resolved, resolved) == [
        "found money that was returned or assigned more than once"
    ]
