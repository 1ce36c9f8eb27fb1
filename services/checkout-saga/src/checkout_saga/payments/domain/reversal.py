"""Giving back what a provider has of a customer's money, whether it holds it or has taken it."""

from __future__ import annotations

from dataclasses import replace

from checkout_saga.payments.domain.names import idempotency_key
from checkout_saga.payments.domain.operation import Done, Operation, Outcome, PaymentRequest

ALREADY_CAPTURED = "ALREADY_CAPTURED"
"""The code with which a void is declined once the money was captured."""


def refund_of_all(void: PaymentRequest) -> PaymentRequest:
    """The refund instead of a void that came too late, under the key of the checkout's compensating refund:
    for all callers it is one refund."""
    key = idempotency_key(void.checkout_id, Operation.REFUND)
    return replace(void, operation=Operation.REFUND, key=key)


def capture_of(void: PaymentRequest) -> PaymentRequest:
    """Looks up the capture that came before a void: a refund names it, and the void the authorization."""
    key = idempotency_key(void.checkout_id, Operation.CAPTURE)
    return replace(void, operation=Operation.CAPTURE, key=key)


def as_reversal(refund: Outcome) -> Outcome:
    return replace(refund, captured=True) if isinstance(refund, Done) else refund
