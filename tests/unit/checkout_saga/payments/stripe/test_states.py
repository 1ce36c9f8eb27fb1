"""What each state of a PaymentIntent and of a refund means, for each operation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from checkout_saga.payments.domain.operation import (
    ActionNeeded,
    Declined,
    Done,
    Instrument,
    Operation,
    Outcome,
    Unknown,
)
from checkout_saga.payments.providers.stripe.intents import CONFIRM, NOT_DONE, Verdict, judged
from checkout_saga.payments.providers.stripe.refunds import judged_refund
from tests.unit.checkout_saga.examples import PAYMENT, request

AUTHORIZE, CAPTURE, VOID = Operation.AUTHORIZE, Operation.CAPTURE, Operation.VOID
CREATED = 1_800_000_000
CARD = {
    "brand": "visa",
    "last4": "4242",
    "country": "BR",
    "fingerprint": "f1",
    "capture_before": CREATED + 60,
}
VISA = Instrument("f1", "visa", "4242", "BR")
BEFORE = datetime.fromtimestamp(CREATED + 60, UTC)
HELD = {"status": "requires_capture", "amount_capturable": 2000}
PAID = {"status": "succeeded", "amount_received": 2000}
FUNDS = {"code": "card_declined", "decline_code": "insufficient_funds"}


def intent(**other: Any) -> dict[str, Any]:
    charge = {"amount": 2000, "status": "succeeded", "payment_method_details": {"card": CARD}}
    usual = {"id": "pi_1", "amount": 2000, "currency": "usd", "created": CREATED, "latest_charge": charge}
    tags = {"feira_key": request(AUTHORIZE).key, "feira_payment": str(PAYMENT)}
    return {**usual, "client_secret": "secret", "metadata": tags, **other}


def action(kind: str, **told: Any) -> dict[str, Any]:
    return {"status": "requires_action", "next_action": {"type": kind, kind: told}}


UNTIL = datetime.fromtimestamp(CREATED, UTC)
PIX = action("pix_display_qr_code", data="0002", image_url_png="https://i", expires_at=CREATED)
BOLETO = action("boleto_display_details", number="23790", pdf="https://p", expires_at=CREATED)
EXPIRED = "The provider refused to capture: AUTHORIZATION_EXPIRED."
NO_HOLD = "The provider refused to capture: the authorization does not stand."
FUNDS_DETAIL = "The provider declined the payment: insufficient_funds."
NO_METHOD = "The provider declined the payment: no payment method."
GONE = "The payment was cancelled at the provider."


@pytest.mark.parametrize(
    ("operation", "state", "expected"),
    [
        (AUTHORIZE, HELD, Done("pi_1", 2000, capture_before=BEFORE, instrument=VISA)),
        (AUTHORIZE, PAID, Done("pi_1", 2000, captured=True, instrument=VISA)),
        (AUTHORIZE, action("redirect_to_url", url="https://b"), ActionNeeded("pi_1", url="https://b")),
        (
            AUTHORIZE,
            action("use_stripe_sdk"),
            ActionNeeded("pi_1", kind="sdk", data={"client_secret": "secret"}),
        ),
        (
            AUTHORIZE,
            PIX,
            ActionNeeded("pi_1", kind="pix", data={"code": "0002", "image_url": "https://i"}, until=UNTIL),
        ),
        (
            AUTHORIZE,
            BOLETO,
            ActionNeeded(
                "pi_1", kind="boleto", data={"number": "23790", "pdf_url": "https://p"}, until=UNTIL
            ),
        ),
        (
            AUTHORIZE,
            action("new_kind"),
            Unknown("The provider asks for an action of the unknown kind new_kind."),
        ),
        (AUTHORIZE, {"status": "processing"}, ActionNeeded("pi_1", kind="wait")),
        (AUTHORIZE, {"status": "requires_confirmation"}, CONFIRM),
        (
            AUTHORIZE,
            {"status": "requires_payment_method", "last_payment_error": FUNDS},
            Declined("INSUFFICIENT_FUNDS", FUNDS_DETAIL),
        ),
        (AUTHORIZE, {"status": "requires_payment_method"}, Declined("PAYMENT_DECLINED", NO_METHOD)),
        (AUTHORIZE, {"status": "canceled"}, Declined("PAYMENT_DECLINED", GONE)),
        (AUTHORIZE, {"status": "new"}, Unknown("The provider's PaymentIntent is new.")),
        (CAPTURE, HELD, NOT_DONE),
        (CAPTURE, PAID, Done("pi_1", 2000)),
        (CAPTURE, action("use_stripe_sdk"), Unknown("The provider's PaymentIntent is requires_action.")),
        (CAPTURE, {"status": "processing"}, ActionNeeded("pi_1", kind="wait")),
        (
            CAPTURE,
            {"status": "requires_confirmation"},
            Unknown("The provider's PaymentIntent is requires_confirmation."),
        ),
        (CAPTURE, {"status": "requires_payment_method"}, Declined("CAPTURE_FAILED", NO_HOLD)),
        (CAPTURE, {"status": "canceled"}, Declined("CAPTURE_FAILED", EXPIRED)),
        (VOID, HELD, NOT_DONE),
        (VOID, PAID, Declined("ALREADY_CAPTURED", "The payment is captured already.")),
        (VOID, action("use_stripe_sdk"), NOT_DONE),
        (VOID, {"status": "processing"}, Unknown("The provider's PaymentIntent is processing.")),
        (VOID, {"status": "requires_confirmation"}, NOT_DONE),
        (VOID, {"status": "requires_payment_method"}, NOT_DONE),
        (VOID, {"status": "canceled"}, Done("pi_1", 2000)),
        (VOID, {"status": "canceled", "latest_charge": None}, Done("pi_1", 0)),
    ],
)
def test_a_state_of_an_intent_means(
    operation: Operation, state: dict[str, Any], expected: Outcome | Verdict
) -> None:
    assert judged(request(operation), intent(**state)) == expected


def test_without_a_word_of_the_charge_an_authorization_ends_after_four_days_and_18_hours() -> None:
    done = judged(request(AUTHORIZE), intent(**HELD, latest_charge=None))
    assert isinstance(done, Done)
    assert done.capture_before == datetime.fromtimestamp(CREATED + 4 * 86400 + 18 * 3600, UTC)


@pytest.mark.parametrize(
    ("operation", "other"),
    [
        (AUTHORIZE, {**HELD, "amount_capturable": 1999}),
        (AUTHORIZE, {**HELD, "currency": "eur"}),
        (AUTHORIZE, {**HELD, "metadata": {"feira_key": "another", "feira_payment": str(PAYMENT)}}),
        (AUTHORIZE, {**HELD, "metadata": {}}),
        (AUTHORIZE, {**PAID, "amount_received": 2001}),
        (CAPTURE, {**PAID, "amount_received": 1}),
        (CAPTURE, {**PAID, "metadata": {"feira_payment": "another"}}),
    ],
    ids=["held", "currency", "key", "unmarked", "received", "captured", "payment"],
)
def test_an_intent_about_something_else_leaves_the_outcome_unknown(
    operation: Operation, other: dict[str, Any]
) -> None:
    said = judged(request(operation), intent(**other))
    assert isinstance(said, Unknown)
    assert said.alarm == "provider_mismatch"


REFUND = request(Operation.REFUND)


def refund(**other: Any) -> dict[str, Any]:
    tags = {"feira_key": REFUND.key, "feira_payment": str(PAYMENT)}
    return {"id": "re_1", "amount": 2000, "currency": "usd", "metadata": tags, **other}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"status": "succeeded"}, Done("re_1", 2000)),
        ({"status": "pending"}, ActionNeeded("re_1", kind="wait")),
        (
            {"status": "requires_action"},
            Declined("REFUND_NEEDS_ACTION", "The customer has to say where the money goes."),
        ),
        (
            {"status": "failed", "failure_reason": "declined"},
            Declined("REFUSED", "The provider did not refund: declined."),
        ),
        ({"status": "canceled"}, Declined("REFUSED", "The provider did not refund: canceled.")),
        ({"status": "new"}, Unknown("The provider's refund is new.")),
    ],
    ids=["succeeded", "pending", "needs action", "failed", "canceled", "new"],
)
def test_a_state_of_a_refund_means(state: dict[str, Any], expected: Outcome) -> None:
    assert judged_refund(REFUND, refund(**state)) == expected


def test_a_refund_of_another_amount_is_not_this_one() -> None:
    said = judged_refund(REFUND, refund(status="succeeded", amount=1))
    assert isinstance(said, Unknown)
    assert said.alarm == "provider_mismatch"
