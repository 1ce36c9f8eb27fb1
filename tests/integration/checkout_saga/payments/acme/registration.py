"""What the registry says of the provider that the how-to has added."""

from __future__ import annotations

from checkout_saga.payments.providers.first_use import Connect
from checkout_saga.settings import CheckoutSettings

METHODS = frozenset({"card"})
CREDENTIALS = frozenset({"secret_key"})


def is_configured(settings: CheckoutSettings) -> bool:
    return bool(settings.gateway_url)


def load() -> Connect:
    from tests.integration.checkout_saga.payments.acme.provider import connect

    return connect
