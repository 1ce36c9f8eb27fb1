"""Which answers of a provider count: those about the very request that was made."""

from __future__ import annotations

from typing import NamedTuple

from checkout_saga.payments.domain.operation import Declined, Operation, Outcome, PaymentRequest, Unknown

PROVIDER_MISMATCH = "provider_mismatch"
"""The alarm for an answer about something else than what was asked for."""


class About(NamedTuple):
    """What an answer is about, in the provider's own words."""

    key: str | None
    """None: the provider keeps no key with this kind of object, and the request named the object itself."""
    payment_id: str
    amount: int | None
    """In minor units."""
    currency: str | None


def counted(request: PaymentRequest, about: About, outcome: Outcome) -> Outcome:
    """The outcome, if the answer is about this request; otherwise Unknown with an alarm.

    A refusal need not name an amount, and a void has none of its own: what was held ends, however much.
    """
    wrong = []
    if about.key not in {None, request.key}:
        wrong.append("key")
    if about.payment_id != str(request.payment_id):
        wrong.append("payment")
    if request.operation is not Operation.VOID and not isinstance(outcome, Declined):
        if about.amount != request.amount:
            wrong.append("amount")
        if (about.currency or "").upper() != request.currency.upper():
            wrong.append("currency")
    if wrong:
        detail = f"The answer to {request.operation} is about another {' and '.join(wrong)}."
        return Unknown(detail, alarm=PROVIDER_MISMATCH)
    return outcome
