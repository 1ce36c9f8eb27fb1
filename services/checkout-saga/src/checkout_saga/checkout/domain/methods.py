"""Which sales a payment method takes, and where one can be charged again."""

from __future__ import annotations

from checkout_saga.checkout.domain.waits import BOLETO
from contracts.sale import Sale

CENTS = 100
BOLETO_CURRENCY, BOLETO_AMOUNTS = "BRL", range(5 * CENTS, 50_000 * CENTS)
"""Minor units: from 5.00 to 49,999.99."""

KEEPS_EVERY_TOKEN = frozenset({"simulated"})
"""The providers at which a token can be charged again although nothing asked them to keep it."""


def takes(method: str, sale: Sale) -> bool:
    """Whether the method may pay the sale, as far as that does not depend on the provider."""
    total = sale.totals.total
    return method != BOLETO or not total or (sale.currency == BOLETO_CURRENCY and total in BOLETO_AMOUNTS)
