"""What a run reports besides the list: webhooks that were not processed, and money left in clearing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from checkout_saga.checkout.domain import step_names
from checkout_saga.payments.domain.entries import EntryKind
from checkout_saga.payments.domain.operation import Declined, Done
from checkout_saga.reconciliation.domain.webhooks import Refused, Unprocessed
from checkout_saga.reconciliation.use_cases.clearing import EMPTY
from contracts import payment, reconciliation
from tests.support.scenario import NOW, Scenario, given, stamp
from tests.unit.checkout_saga.examples import CHECKOUT, PAYMENT, checkout_failed, checkout_started
from tests.unit.checkout_saga.orders.test_refunds_of_orders import fulfilled_order
from tests.unit.checkout_saga.reconciliation.accounts import Account, entry


def codes(it: Account) -> list[str]:
    return [one.code for one in it.all_facts(reconciliation.DifferenceFound)]


def captured() -> Scenario:
    """Its checkout has failed nevertheless."""
    details: dict[str, Any] = {
        "checkout_id": CHECKOUT,
        "gateway": "simulated",
        "currency": "EUR",
        "amount": 2000,
    }
    return given(
        checkout_started(3),
        checkout_failed(step_names.AUTHORIZE, "PAYMENT_DECLINED"),
        payment.Authorized(**stamp(PAYMENT), **details, key=f"{CHECKOUT}:authorize:1", reference="a1"),
        payment.Captured(**stamp(PAYMENT), **details, key=f"{CHECKOUT}:capture:1", reference="p1"),
    )


def test_captured_money_that_cannot_be_given_back_is_left_in_clearing_until_it_is() -> None:
    it = Account(captured(), moved_payments=[PAYMENT], gives_back=Declined("REFUND_REFUSED", "no"))
    it.listed = [entry(EntryKind.CAPTURE, "p1", 2000, payment_id=PAYMENT, checkout_id=CHECKOUT)]
    assert it.reconcile().open == 2
    assert sorted(codes(it)) == ["CLEARING_NOT_EMPTY", "NOT_GIVEN_BACK"]
    (left,) = [one for one in it.all_facts(reconciliation.DifferenceFound) if one.kind == "clearing"]
    assert (left.ours, left.currency, left.checkout_id) == (2000, "EUR", CHECKOUT)

    it.gives_back, it.known = None, {f"{CHECKOUT}:refund:1": Done("r1", 2000)}
    assert (it.reconcile().repaired, len(codes(it))) == (1, 2)
    (resolved,) = it.all_facts(reconciliation.DifferenceResolved)
    assert (resolved.originator_id, resolved.reason) == (left.originator_id, EMPTY)


def test_money_with_which_an_order_was_paid_is_not_left_in_clearing() -> None:
    it = Account(fulfilled_order(), moved_payments=[PAYMENT])
    it.reconcile()
    assert "CLEARING_NOT_EMPTY" not in codes(it)


def test_events_that_were_not_processed_are_reported_once() -> None:
    it = Account(given())
    it.unprocessed_events = [
        Unprocessed("evt_1", "payment.captured", "ref_1", "unmatched"),
        Unprocessed("evt_2", "", None, "unreadable"),
    ]
    assert (it.reconcile().open, it.reconcile().open) == (2, 0)
    found = [(one.code, one.reference, one.detail) for one in it.all_facts(reconciliation.DifferenceFound)]
    assert found == [
        ("WEBHOOK_NOT_MATCHED", "evt_1", "payment.captured about ref_1"),
        ("WEBHOOK_UNREADABLE", "evt_2", None),
    ]


def test_webhooks_that_are_refused_again_and_again_are_reported_once_for_each_time_that_it_begins() -> None:
    it = Account(given())
    it.refused_webhooks = Refused(4, NOW)
    assert it.reconcile().open == 0
    it.refused_webhooks = Refused(5, NOW)
    assert (it.reconcile().open, codes(it)) == (1, ["WEBHOOKS_REFUSED"])
    it.refused_webhooks = Refused(9, NOW)
    it.reconcile()
    assert codes(it) == ["WEBHOOKS_REFUSED"]
    it.refused_webhooks = Refused(6, NOW + timedelta(hours=1))
    it.reconcile()
    assert codes(it) == ["WEBHOOKS_REFUSED"] * 2
