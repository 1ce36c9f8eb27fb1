"""What is read of a provider's event: its type, and whose object it is about; never its state or amounts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from checkout_saga.webhooks.domain.event import Cause, Event, Unreadable
from checkout_saga.webhooks.domain.formats import PAYPAL, READERS, STRIPE

PAYMENT = UUID("efaa023f-8b3c-5e33-a8b8-5b37a3202b35")


def stripe(kind: str, **made_of: Any) -> Event:
    return READERS["stripe"]({"id": "evt_1", "type": kind, "data": {"object": made_of}})


def test_a_payment_intent_names_its_payment_in_its_metadata() -> None:
    event = stripe("payment_intent.succeeded", id="pi_1", metadata={"feira_payment": str(PAYMENT)})
    assert event == Event("evt_1", "payment_intent.succeeded", Cause.CAPTURE, ("pi_1",), PAYMENT)


def test_a_refund_and_a_dispute_of_stripe_name_their_payment_intent() -> None:
    refund = stripe("refund.failed", id="re_1", payment_intent="pi_1", charge="ch_1")
    dispute = stripe("charge.dispute.created", id="dp_1", payment_intent="pi_1", charge="ch_1")
    assert (refund.cause, refund.references) == (Cause.REFUND, ("re_1", "pi_1", "ch_1"))
    assert (dispute.cause, dispute.references) == (Cause.DISPUTE, ("dp_1", "pi_1", "ch_1"))


def paypal(kind: str, **resource: Any) -> Event:
    return READERS["paypal"]({"id": "WH-1", "event_type": kind, "resource": resource})


def test_an_order_and_a_capture_of_paypal_name_their_payment_by_the_invoice() -> None:
    order = paypal("CHECKOUT.ORDER.APPROVED", id="O-1", purchase_units=[{"invoice_id": str(PAYMENT)}])
    assert (order.cause, order.references, order.payment_id) == (Cause.AUTHORIZATION, ("O-1",), PAYMENT)
    related = {"related_ids": {"order_id": "O-1", "authorization_id": "A-1"}}
    captured = paypal(
        "PAYMENT.CAPTURE.PENDING", id="C-1", invoice_id=str(PAYMENT), supplementary_data=related
    )
    expected = (Cause.CAPTURE, ("C-1", "A-1", "O-1"), PAYMENT)
    assert (captured.cause, captured.references, captured.payment_id) == expected


def test_a_dispute_of_paypal_names_the_captures_that_it_is_about() -> None:
    event = paypal(
        "CUSTOMER.DISPUTE.RESOLVED",
        dispute_id="PP-D-1",
        disputed_transactions=[{"seller_transaction_id": "C-1"}],
    )
    assert (event.cause, event.references) == (Cause.DISPUTE, ("PP-D-1", "C-1"))


def test_an_invoice_that_is_no_payment_of_ours_is_no_fault() -> None:
    assert paypal("PAYMENT.CAPTURE.COMPLETED", id="C-1", invoice_id="INV-7").payment_id is None


def test_an_event_of_another_type_is_looked_at_for_nothing() -> None:
    assert stripe("customer.created", id="cus_1").cause is None


@pytest.mark.parametrize("gateway", sorted(READERS))
@pytest.mark.parametrize(
    "body", [{}, [], 7, None, {"id": 1, "type": "x"}, {"id": "", "event_type": "x"}], ids=repr
)
def test_a_message_that_is_no_event_is_unreadable(gateway: str, body: Any) -> None:
    with pytest.raises(Unreadable):
        READERS[gateway](body)


def test_every_type_in_the_tables_has_a_cause() -> None:
    assert {*STRIPE.values(), *PAYPAL.values()} == {*Cause}
