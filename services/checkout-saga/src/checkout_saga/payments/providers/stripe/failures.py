"""What an error of Stripe's SDK says about the operation."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto
from typing import Any, NamedTuple

import stripe

from checkout_saga.payments.domain.alarms import ACCOUNT_UNHEALTHY, REQUEST_REFUSED
from checkout_saga.payments.domain.operation import Declined, Operation, Unknown
from checkout_saga.payments.providers.stripe.refunds import EXCEEDS
from checkout_saga.payments.providers.stripe.refusals import declined_by, refused

LOOK_AT_THE_OBJECT = {
    "payment_intent_unexpected_state",
    "charge_already_captured",
    "charge_already_refunded",
    "charge_expired_for_capture",
}
KEY_IN_USE = {"idempotency_key_in_use", "lock_timeout"}
REPLAYED = "idempotent-replayed"
BUSY_SECONDS = 1.0


class Then(Enum):
    """What has to be found out before the outcome is known."""

    KNOWN = auto()
    RETRIEVE = auto()
    """The object's state decides; ``outcome`` if it proves that nothing was done."""
    FIND = auto()
    """It may have been done; ``outcome`` if it is not found."""
    CONFIRM_ON_SESSION = auto()


class Failure(NamedTuple):
    then: Then
    outcome: Declined | Unknown
    replayed: bool = False
    """Not this call has failed, but an earlier one under the same key."""
    credentials_refused: bool = False
    intent_id: str | None = None


def judged_error(operation: Operation, error: stripe.StripeError, *, off_session: bool = False) -> Failure:
    answer = _answer_of(error)
    code = answer.get("code") or error.code
    match error:
        case stripe.CardError():
            failed_id = (answer.get("payment_intent") or {}).get("id")
            if off_session and "authentication_required" in {code, answer.get("decline_code")} and failed_id:
                return Failure(Then.CONFIRM_ON_SESSION, declined_by(answer), intent_id=failed_id)
            if operation is Operation.CAPTURE:
                return Failure(Then.RETRIEVE, refused(operation, answer.get("decline_code") or code))
            return Failure(Then.KNOWN, declined_by(answer))
        case stripe.AuthenticationError() | stripe.PermissionError():
            why = Unknown("The provider refuses the shop's credentials.", alarm=ACCOUNT_UNHEALTHY)
            return Failure(Then.KNOWN, why, credentials_refused=True)
        case stripe.IdempotencyError():
            why = Unknown("The key was used for another request.", alarm="key_reused")
            return Failure(Then.FIND, why)
        case stripe.RateLimitError() if code != "lock_timeout":
            return Failure(
                Then.KNOWN, Unknown("The provider takes no more requests.", after=_retry_after(error))
            )
        case _ if error.http_status == 409 or code in KEY_IN_USE:
            return Failure(Then.KNOWN, Unknown("The provider is at it already.", after=BUSY_SECONDS))
        case stripe.InvalidRequestError() if code in LOOK_AT_THE_OBJECT:
            nothing = EXCEEDS if operation is Operation.REFUND else refused(operation, code)
            return Failure(Then.RETRIEVE, nothing)
        case stripe.InvalidRequestError():
            then = Then.RETRIEVE if operation in {Operation.CAPTURE, Operation.REFUND} else Then.KNOWN
            refusal = refused(operation, code or answer.get("param"))
            return Failure(then, replace(refusal, alarm=REQUEST_REFUSED))
        case stripe.APIConnectionError():
            silent = "timeout" in type(error.__cause__).__name__.lower()
            return Failure(Then.FIND, Unknown(f"No response to {operation}.", timed_out=silent))
        case _:
            status = error.http_status
            replayed = _header(error, REPLAYED) == "true"
            unknown = Unknown(f"The provider answered {operation} with status {status}.")
            return Failure(Then.FIND, unknown, replayed)


def _answer_of(error: stripe.StripeError) -> dict[str, Any]:
    body = error.json_body
    answer = body.get("error") if isinstance(body, dict) else None
    return answer if isinstance(answer, dict) else {}


def _header(error: stripe.StripeError, name: str) -> str:
    headers = {key.lower(): value for key, value in dict(error.headers or {}).items()}
    return str(headers.get(name, "")).lower()


def _retry_after(error: stripe.StripeError) -> float | None:
    try:
        return max(0.0, float(_header(error, "retry-after")))
    except ValueError:
        return None
