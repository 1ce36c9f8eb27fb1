"""What each state and each error of PayPal means, row by row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout_saga.payments.domain.operation import (
    ActionNeeded,
    Declined,
    Done,
    Operation,
    Outcome,
    Unknown,
)
from checkout_saga.payments.providers.paypal import states
from checkout_saga.payments.providers.paypal.amounts import (
    CURRENCIES,
    WITHOUT_DECIMALS,
    NotRepresentable,
    minor_units,
    written,
)
from checkout_saga.payments.providers.paypal.client import Refused
from checkout_saga.payments.providers.paypal.documents import Order, Payment
from checkout_saga.payments.providers.paypal.refusals import by_error
from pricing.money import exponent
from tests.unit.checkout_saga.examples import request

ENDS = datetime(2026, 4, 1, tzinfo=UTC)
AUTHORIZE = request(Operation.AUTHORIZE)
CAPTURE = request(Operation.CAPTURE)
REFUND = request(Operation.REFUND)
MONEY = {"currency_code": "USD", "value": "20.00"}


def payment(status: str, **other: Any) -> Payment:
    fields = {"id": "P-1", "amount": MONEY, "invoice_id": str(AUTHORIZE.payment_id), "expiration_time": ENDS}
    return Payment.model_validate({**fields, "status": status, **other})


def order(status: str, **payments: Any) -> Order:
    unit = {"amount": MONEY, "invoice_id": str(AUTHORIZE.payment_id), "payments": payments}
    links = [
        {"rel": "approve", "href": "https://old.example"},
        {"rel": "payer-action", "href": "https://payer.example"},
    ]
    return Order.model_validate({"id": "O-1", "status": status, "purchase_units": [unit], "links": links})


@pytest.mark.parametrize("status", ["CREATED", "PAYER_ACTION_REQUIRED"])
def test_an_order_that_is_not_approved_leads_the_payer_to_the_page(status: str) -> None:
    expected = ActionNeeded("O-1", "redirect", "https://payer.example")
    assert states.of_order(AUTHORIZE, order(status)) == expected


def test_an_order_with_an_approve_link_alone_leads_there() -> None:
    only = order("CREATED")
    only = only.model_copy(update={"links": only.links[:1]})
    assert states.of_order(AUTHORIZE, only) == ActionNeeded("O-1", "redirect", "https://old.example")


def test_an_approved_order_is_to_be_authorized() -> None:
    assert states.of_order(AUTHORIZE, order("APPROVED")) is None


def test_a_void_order_is_declined_and_a_completed_one_without_an_authorization_unknown() -> None:
    declined, unknown = (states.of_order(AUTHORIZE, order(it)) for it in ("VOIDED", "COMPLETED"))
    assert isinstance(declined, Declined)
    assert isinstance(unknown, Unknown)


HELD = Done("P-1", 2000, capture_before=ENDS)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("CREATED", HELD),
        ("CAPTURED", HELD),
        ("PENDING", ActionNeeded("O-1", "wait")),
        ("DENIED", Declined("PAYMENT_DECLINED", "The authorization is DENIED at the provider.")),
        ("VOIDED", Declined("PAYMENT_DECLINED", "The authorization is VOIDED at the provider.")),
        ("LATER", Unknown("The authorization is LATER.")),
    ],
)
def test_an_authorization_s_state_is_the_outcome(status: str, expected: Outcome) -> None:
    paid = order("COMPLETED", authorizations=[payment(status)])
    assert states.of_order(AUTHORIZE, paid) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("VOIDED", Done("P-1", 2000)),
        ("DENIED", Done("P-1", 0)),
        ("CREATED", None),
        ("PENDING", None),
        ("CAPTURED", Declined("ALREADY_CAPTURED", "The authorization is captured at the provider.")),
    ],
)
def test_a_void_asks_only_for_what_is_held(status: str, expected: Outcome | None) -> None:
    assert states.of_void(payment(status)) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("COMPLETED", Done("P-1", 2000)),
        ("REFUNDED", Done("P-1", 2000)),
        ("PARTIALLY_REFUNDED", Done("P-1", 2000)),
        ("PENDING", ActionNeeded("P-1", "wait")),
        ("DECLINED", Declined("CAPTURE_FAILED", "The capture is DECLINED at the provider.")),
        ("FAILED", Declined("CAPTURE_FAILED", "The capture is FAILED at the provider.")),
        ("LATER", Unknown("The capture is LATER.")),
    ],
)
def test_a_capture_s_state_is_the_outcome(status: str, expected: Outcome) -> None:
    assert states.of_capture(CAPTURE, payment(status)) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("COMPLETED", Done("P-1", 2000)),
        ("PENDING", ActionNeeded("P-1", "wait")),
        ("FAILED", Declined("REFUND_FAILED", "The refund is FAILED at the provider.")),
        ("CANCELLED", Declined("REFUND_CANCELLED", "The refund is CANCELLED at the provider.")),
        ("LATER", Unknown("The refund is LATER.")),
    ],
)
def test_a_refund_s_state_is_the_outcome(status: str, expected: Outcome) -> None:
    assert states.of_refund(REFUND, payment(status, custom_id=REFUND.key)) == expected


def test_a_refund_under_another_key_an_amount_and_an_invoice_of_another_payment_do_not_count() -> None:
    wrong = [
        states.of_refund(REFUND, payment("COMPLETED", custom_id="another key")),
        states.of_capture(replace(CAPTURE, amount=2001), payment("COMPLETED")),
        states.of_capture(replace(CAPTURE, currency="EUR"), payment("COMPLETED")),
        states.of_capture(CAPTURE, payment("COMPLETED", invoice_id="another payment")),
    ]
    assert [it.alarm for it in wrong if isinstance(it, Unknown)] == ["provider_mismatch"] * 4


@pytest.mark.parametrize(
    "issue", ["INSTRUMENT_DECLINED", "TRANSACTION_REFUSED", "PAYER_CANNOT_PAY", "CARD_EXPIRED"]
)
def test_what_the_payer_cannot_pay_is_declined(issue: str) -> None:
    outcome = by_error(Operation.AUTHORIZE, Refused(422, issue))
    assert isinstance(outcome, Declined)
    assert outcome.code == "PAYMENT_DECLINED"


@pytest.mark.parametrize("issue", ["AUTHORIZATION_VOIDED", "AUTHORIZATION_EXPIRED"])
def test_a_capture_of_what_has_ended_has_failed(issue: str) -> None:
    outcome = by_error(Operation.CAPTURE, Refused(422, issue))
    assert isinstance(outcome, Declined)
    assert (outcome.code, issue in outcome.detail) == ("CAPTURE_FAILED", True)
    assert by_error(Operation.VOID, Refused(422, issue)) is None


@pytest.mark.parametrize(
    "issue",
    [
        "ORDER_NOT_APPROVED",
        "PAYER_ACTION_REQUIRED",
        "ORDER_ALREADY_AUTHORIZED",
        "PREVIOUSLY_VOIDED",
        "CAPTURE_FULLY_REFUNDED",
        "DUPLICATE_INVOICE_ID",
        "AUTHORIZATION_ALREADY_CAPTURED",
        "MAX_CAPTURE_COUNT_EXCEEDED",
        "NEVER_HEARD_OF",
    ],
)
def test_for_any_other_refusal_the_object_s_state_is_asked_for(issue: str) -> None:
    for operation in Operation:
        assert by_error(operation, Refused(422, issue)) is None


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_request_that_the_provider_does_not_understand_is_unknown_with_an_alarm(status: int) -> None:
    outcome = by_error(Operation.CAPTURE, Refused(status, "INVALID"))
    assert isinstance(outcome, Unknown)
    assert outcome.alarm == "request_refused"


@pytest.mark.parametrize("status", [409, 429, 500, 502, 503])
def test_a_conflict_a_limit_and_a_failure_of_the_provider_are_unknown(status: int) -> None:
    outcome = by_error(Operation.REFUND, Refused(status, "BUSY", 7.0))
    assert isinstance(outcome, Unknown)
    assert (outcome.after, outcome.alarm) == (7.0, None)


def test_amounts_of_currencies_without_decimals_are_whole_or_refused() -> None:
    assert written(1234, "BRL") == "12.34"
    assert written(149900, "HUF") == "1499"
    assert written(1500, "JPY") == "1500"
    for amount, currency in ((149950, "HUF"), (1, "TWD"), (1000, "KWD")):
        with pytest.raises(NotRepresentable):
            written(amount, currency)


@given(st.integers(1, 10**11), st.sampled_from(sorted(CURRENCIES)))
def test_what_is_written_is_exactly_the_amount(amount: int, currency: str) -> None:
    try:
        text = written(amount, currency)
    except NotRepresentable:
        assert currency in WITHOUT_DECIMALS
        assert amount % 10 ** exponent(currency)
        return
    assert Decimal(text) == Decimal(amount) / 10 ** exponent(currency)
    assert ("." in text) is (currency not in WITHOUT_DECIMALS)
    assert minor_units(text, currency) == amount


@pytest.mark.parametrize("text", ["", "1,00", "1e3", "NaN", "1.2345", "0.001"])
def test_what_is_no_whole_number_of_minor_units_is_no_amount(text: str) -> None:
    assert minor_units(text, "USD") is None
