"""What the registry says of Stripe. The adapter is imported with the first call."""

from __future__ import annotations

from checkout_saga.payments.providers.first_use import Connect

METHODS = frozenset({"card", "pix", "boleto"})
CREDENTIALS = frozenset({"secret_key"})


def load() -> Connect:
    from checkout_saga.payments.providers.stripe.provider import connect

    return connect
