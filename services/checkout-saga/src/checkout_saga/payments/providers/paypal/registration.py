"""What the registry says of PayPal. The adapter is imported with the first call."""

from __future__ import annotations

from checkout_saga.payments.providers.first_use import Connect

METHODS = frozenset({"paypal"})
CREDENTIALS = frozenset({"client_id", "client_secret", "webhook_id"})


def load() -> Connect:
    from checkout_saga.payments.providers.paypal.adapter import connect

    return connect
