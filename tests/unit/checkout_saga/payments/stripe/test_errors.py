"""What each error of Stripe's SDK says about the operation."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import stripe

from checkout_saga.payments.domain.alarms import REQUEST_REFUSED
from checkout_saga.payments.domain.operation import Declined, Operation, Unknown
from checkout_saga.payments.providers.stripe.failures import Then, judged_error

AUTHORIZE, CAPTURE, REFUND = Operation.AUTHORIZE, Operation.CAPTURE, Operation.REFUND


def error(
    kind: type[stripe.StripeError], status: int, headers: dict[str, str] | None = None, **told: Any
) -> stripe.StripeError:
    body = {"error": told}
    made = kind.__new__(kind)
    stripe.StripeError.__init__(made, "no", None, status, body, headers, told.get("code"))
    return made


def card(**told: Any) -> stripe.StripeError:
    return error(stripe.CardError, 402, code="card_declined", **told)


def invalid(code: str | None) -> stripe.StripeError:
    if code is None:
        return error(stripe.InvalidRequestError, 400, param="amount")
    return error(stripe.InvalidRequestError, 400, code=code)


@pytest.mark.parametrize(
    ("operation", "said", "then", "code"),
    [
        (AUTHORIZE, card(decline_code="insufficient_funds"), Then.KNOWN, "INSUFFICIENT_FUNDS"),
        (AUTHORIZE, card(decline_code="lost_card"), Then.KNOWN, "PAYMENT_DECLINED"),
        (CAPTURE, card(decline_code="lost_card"), Then.RETRIEVE, "CAPTURE_FAILED"),
        (CAPTURE, invalid("payment_intent_unexpected_state"), Then.RETRIEVE, "CAPTURE_FAILED"),
        (CAPTURE, invalid("charge_already_captured"), Then.RETRIEVE, "CAPTURE_FAILED"),
        (CAPTURE, invalid("charge_expired_for_capture"), Then.RETRIEVE, "CAPTURE_FAILED"),
        (REFUND, invalid("charge_already_refunded"), Then.RETRIEVE, "REFUND_EXCEEDS_CAPTURE"),
        (AUTHORIZE, invalid("parameter_invalid_empty"), Then.KNOWN, "PAYMENT_DECLINED"),
        (CAPTURE, invalid("resource_missing"), Then.RETRIEVE, "CAPTURE_FAILED"),
        (REFUND, invalid(None), Then.RETRIEVE, "REFUSED"),
    ],
)
def test_a_refusal_has_a_code_of_ours_once_nothing_is_found_to_be_done(
    operation: Operation, said: stripe.StripeError, then: Then, code: str
) -> None:
    failure = judged_error(operation, said)
    assert isinstance(failure.outcome, Declined)
    assert (failure.then, failure.outcome.code) == (then, code)


@pytest.mark.parametrize("operation", list(Operation))
def test_a_request_of_any_operation_that_was_not_accepted_raises_an_alarm(operation: Operation) -> None:
    assert judged_error(operation, invalid("parameter_invalid_empty")).outcome.alarm == REQUEST_REFUSED


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        (AUTHORIZE, card(decline_code="lost_card")),
        (CAPTURE, card(decline_code="lost_card")),
        (CAPTURE, invalid("charge_expired_for_capture")),
        (REFUND, invalid("charge_already_refunded")),
    ],
    ids=["authorization", "capture", "too late", "refund"],
)
def test_what_the_bank_or_the_payment_s_state_forbids_raises_none(
    operation: Operation, said: stripe.StripeError
) -> None:
    assert judged_error(operation, said).outcome.alarm is None


def test_a_payment_without_the_customer_that_needs_them_is_confirmed_once_on_session() -> None:
    said = card(decline_code="authentication_required", payment_intent={"id": "pi_1"})
    failure = judged_error(AUTHORIZE, said, off_session=True)
    assert (failure.then, failure.intent_id) == (Then.CONFIRM_ON_SESSION, "pi_1")
    assert judged_error(AUTHORIZE, said).then is Then.KNOWN


@pytest.mark.parametrize(
    ("said", "then", "after", "alarm"),
    [
        (error(stripe.AuthenticationError, 401), Then.KNOWN, None, "account_unhealthy"),
        (error(stripe.PermissionError, 403), Then.KNOWN, None, "account_unhealthy"),
        (error(stripe.IdempotencyError, 400), Then.FIND, None, "key_reused"),
        (error(stripe.APIError, 409, code="idempotency_key_in_use"), Then.KNOWN, 1.0, None),
        (error(stripe.RateLimitError, 429, code="lock_timeout"), Then.KNOWN, 1.0, None),
        (error(stripe.RateLimitError, 429, {"Retry-After": "17"}), Then.KNOWN, 17.0, None),
        (error(stripe.RateLimitError, 429, {"Retry-After": "soon"}), Then.KNOWN, None, None),
        (error(stripe.APIError, 500), Then.FIND, None, None),
        (error(stripe.APIConnectionError, 0), Then.FIND, None, None),
    ],
    ids=["key", "right", "reused", "in use", "locked", "limited", "limited for long", "500", "away"],
)
def test_any_other_error_leaves_the_outcome_unknown(
    said: stripe.StripeError, then: Then, after: float | None, alarm: str | None
) -> None:
    failure = judged_error(CAPTURE, said)
    assert isinstance(failure.outcome, Unknown)
    assert (failure.then, failure.outcome.after, failure.outcome.alarm) == (then, after, alarm)
    assert failure.credentials_refused is (alarm == "account_unhealthy")


def test_a_stored_error_that_is_repeated_is_told_from_a_new_one() -> None:
    repeated = error(stripe.APIError, 500, {"Idempotent-Replayed": "true"})
    assert judged_error(CAPTURE, repeated).replayed
    assert not judged_error(CAPTURE, error(stripe.APIError, 500)).replayed


def test_silence_is_told_from_a_refused_connection() -> None:
    silent, refused = error(stripe.APIConnectionError, 0), error(stripe.APIConnectionError, 0)
    silent.__cause__, refused.__cause__ = httpx.ReadTimeout("no"), httpx.ConnectError("no")
    outcomes = [judged_error(CAPTURE, it).outcome for it in (silent, refused)]
    assert [isinstance(it, Unknown) and it.timed_out for it in outcomes] == [True, False]
