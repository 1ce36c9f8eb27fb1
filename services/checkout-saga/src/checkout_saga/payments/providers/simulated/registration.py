"""What the registry says of the simulated gateway. The adapter is imported with the first call."""

from __future__ import annotations

from checkout_saga.payments.providers.first_use import Connect

METHODS = frozenset({"card", "paypal", "pix", "boleto"})
"""Card and paypal are treated alike."""


def load() -> Connect:
    from checkout_saga.payments.providers.simulated.provider import connect

    return connect
