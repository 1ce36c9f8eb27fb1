"""What refunds take of an order's lines, and whether each refund goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from verify.check import Check, run_check
from verify.checks.orders import O2, O3
from verify.dataset.dataset import Dataset

ORDER = "00000000-0000-7000-8000-000000000001"
NOW = 1_800_000_000.0
Fact: TypeAlias = tuple[str, dict[str, Any]]
CREATED: Fact = (
    "created",
    {
        "sale": {
            "currency": "USD",
            "lines": [{"line_id": "L1", "product_id": "p", "quantity": 2, "total": 1000, "tax": 80}],
            "totals": {"total": 1100, "tax": 88},
        }
    },
)


def share(amount: int, tax: int, quantity: int = 0, line_id: str | None = "L1") -> dict[str, Any]:
    return {"line_id": line_id, "quantity": quantity, "amount": amount, "tax": tax}


def requested(refund_id: str, *shares: dict[str, Any], method: str = "original") -> Fact:
    amount = sum(it["amount"] for it in shares)
    body = {"refund_id": refund_id, "amount": amount, "allocation": shares, "method": method}
    return "refund_requested", body


def ended(how: str, refund_id: str, *shares: dict[str, Any]) -> Fact:
    amount = sum(it["amount"] for it in shares)
    return how, {"refund_id": refund_id, "amount": amount, "allocation": shares}


def stuck(refund_id: str, code: str) -> Fact:
    return "refund_stuck", {"refund_id": refund_id, "code": code, "tries": 8}


@pytest.fixture
def dataset() -> Iterator[Dataset]:
    found = Dataset(Path(":memory:"))
    try:
        found.begin()
        found.add("horizon", [("now", NOW), ("settled", 1e18)])
        yield found
    finally:
        found.close()


def violations(into: Dataset, check: Check, facts: Sequence[Fact]) -> list[str]:
    for at, (name, body) in enumerate([CREATED, *facts], start=1):
        message = ("checkout-saga", at, ORDER, at, str(at), "fact", "demo", "checkout.events", ORDER)
        into.add("log", [(*message, f"order.{name}", "0", NOW, b"", None, None, json.dumps(body))])
    into.derive()
    return [str(row["what"]) for row in run_check(check, into).rows]


WHOLE = share(1000, 80, quantity=2)
BEYOND = "given back or requested for a line beyond what was charged for it"


@pytest.mark.parametrize(
    "facts",
    [
        [requested("a", share(500, 40, 1)), requested("b", share(500, 40, 1), share(100, 8, line_id=None))],
        [requested("a", WHOLE), ended("refund_failed", "a"), requested("b", WHOLE)],
        [requested("a", WHOLE), ended("refunded", "a", WHOLE)],
    ],
)
def test_refunds_within_what_was_charged_are_no_violation(dataset: Dataset, facts: list[Fact]) -> None:
    assert violations(dataset, O2, facts) == []


@pytest.mark.parametrize(
    "facts",
    [
        [requested("a", WHOLE), requested("b", share(1, 0))],
        [requested("a", WHOLE), ended("refunded", "a", WHOLE), requested("b", share(0, 0, 1))],
        [requested("a", share(1000, 81, 2))],
        [requested("a", share(101, 8, line_id=None))],
        [requested("a", share(1, 0, line_id="L9"))],
    ],
)
def test_a_pending_refund_beyond_what_is_left_is_found(dataset: Dataset, facts: list[Fact]) -> None:
    assert violations(dataset, O2, facts) == [BEYOND]


def test_a_pending_refund_without_a_call_is_found(dataset: Dataset) -> None:
    assert violations(dataset, O3, [requested("a", WHOLE)]) == ["under way, and nothing asks for it"]


@pytest.mark.parametrize("code", ["REFUND_MANUAL", "REFUND_NOT_SUPPORTED", "REFUND_NEEDS_ACTION"])
def test_a_refund_that_people_pay_back_needs_no_call_and_must_be_listed(dataset: Dataset, code: str) -> None:
    facts = [requested("a", WHOLE, method="manual"), stuck("a", code)]
    assert violations(dataset, O3, facts) == ["stuck, and in no operator's list"]
