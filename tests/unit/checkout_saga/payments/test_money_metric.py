"""Money is counted by what happened to it, and declined money by the code of the decline."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from checkout_saga.payments.metrics import MONEY, count_money
from contracts import order, payment
from contracts.envelope import Fact
from kernel.context import Context
from kernel.store.changes import Changes
from kernel.store.log_rows import to_log_row

PAYMENT = UUID(int=7)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
CONTEXT = Context(tenant="demo", correlation_id="c", causation_id="c", actor="tester")


def row(fact: Fact) -> Any:
    return to_log_row(
        fact, "checkout.events", CONTEXT, NOW, "fact", PAYMENT, fact.originator_version, PAYMENT, PAYMENT
    )


def happened(kind: type[payment.PaymentStep], **more: Any) -> Fact:
    details: dict[str, Any] = {
        "checkout_id": PAYMENT,
        "gateway": "simulated",
        "amount": 500,
        "currency": "JPY",
        "key": "k",
        "originator_id": PAYMENT,
        "originator_version": 1,
        "timestamp": NOW,
    }
    return kind(**details, **more)


def counted(what: str, reason: str) -> float:
    return float(MONEY.labels(what, reason, "JPY")._value.get())


@pytest.mark.parametrize(
    ("fact", "what", "reason"),
    [
        (happened(payment.Captured), "captured", "none"),
        (happened(payment.Declined, operation="authorize", code="KNOWN"), "declined", "KNOWN"),
        (happened(payment.Declined, operation="authorize", code="bank 51"), "declined", "other"),
    ],
    ids=["captured", "a known code", "another code"],
)
def test_money_is_counted_by_what_happened_and_why(fact: Fact, what: str, reason: str) -> None:
    before = counted(what, reason)
    count_money(["KNOWN"])(Changes(rows=[row(fact)]))
    assert counted(what, reason) == before + 500


def test_other_facts_move_no_money() -> None:
    cancelled = order.Cancelled(originator_id=PAYMENT, originator_version=1, timestamp=NOW, reason="no time")
    before = sum(it.value for metric in MONEY.collect() for it in metric.samples)
    count_money([])(Changes(rows=[row(cancelled)]))
    assert sum(it.value for metric in MONEY.collect() for it in metric.samples) == before
