"""Numbers of invoices without gaps, and started subscriptions with their first invoice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from verify.check import run_check
from verify.checks.invoices import I2
from verify.dataset.dataset import Dataset

NOW = 1_800_000_000.0
WRONG_NUMBER = "a number that is not the next one of its series and year"
Row = tuple[str, str, str, dict[str, Any]]
"""Tenant, stream, type and body."""


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
    for at, (tenant, stream, kind, body) in enumerate(rows, start=1):
        place = ("checkout-saga", at, stream, at, str(at), "fact", tenant, "topic", stream)
        into.add("log", [(*place, kind, "0", NOW, b"", None, None, json.dumps(body))])
    into.derive()
    return [str(row["what"]) for row in run_check(I2, into).rows]


def issued(number: str, tenant: str = "demo") -> Row:
    body = {"number": number, "subscription_id": "s", "period": {"number": 1}}
    return tenant, f"{tenant} {number}", "invoice.issued", body


STARTED: Row = ("demo", "s", "subscription.started", {"period": {"number": 1}})


@pytest.mark.parametrize(
    ("numbers", "wrong"),
    [
        (["INV-2026-000001", "INV-2026-000002"], 0),
        (["INV-2026-000001", "INV-2027-000001", "CN-2027-000001", "INV-2027-000002"], 0),
        ([f"INV-2026-{it:06}" for it in range(1, 13)], 0),
        (["INV-2026-000002"], 1),
        (["INV-2026-000001", "INV-2026-000003"], 1),
        (["INV-2026-000002", "INV-2026-000001"], 2),
        (["INV-2026-000001", "INV-2026-000001"], 1),
    ],
    ids=["two", "series and years", "more than nine", "not from 1", "a gap", "not in order", "twice"],
)
def test_numbers_run_from_1_in_each_series_and_year(dataset: Dataset, numbers: list[str], wrong: int) -> None:
    rows = [(tenant, f"{at}", kind, body) for at, (tenant, _, kind, body) in enumerate(map(issued, numbers))]
    assert violations(dataset, *rows) == [WRONG_NUMBER] * wrong


def test_each_tenant_has_numbers_of_its_own(dataset: Dataset) -> None:
    assert violations(dataset, issued("INV-2026-000001"), issued("INV-2026-000001", "rival")) == []


def test_an_invoice_is_paid_once(dataset: Dataset) -> None:
    paid: Row = ("demo", "demo INV-2026-000001", "invoice.paid", {})
    assert violations(dataset, issued("INV-2026-000001"), paid, paid) == [
        "an invoice that was issued or paid twice"
    ]


def test_a_subscription_that_has_started_has_its_first_invoice(dataset: Dataset) -> None:
    assert violations(dataset, STARTED, issued("INV-2026-000001")) == []


def test_one_without_it_is_found(dataset: Dataset) -> None:
    assert violations(dataset, STARTED) == ["a subscription without an invoice of its first period"]
