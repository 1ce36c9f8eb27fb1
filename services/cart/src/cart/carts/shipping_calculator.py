"""Calculate the options of shipping within a time limit. A failure never refuses a shopper."""

from __future__ import annotations

import asyncio

import structlog

from cart.carts.domain.shipping import Shipment
from cart.carts.use_cases.shipping import ShippingCalculator
from kernel.observability.metrics.declaring import Part, counter
from pricing.shipping import ShippingOption, shipping_options

LOG = structlog.get_logger()
FAILURES = counter(
    Part.PROCESS,
    "feira_cart_shipping_failures",
    "Calculations of shipping that failed or took too long, so that the default rate was charged",
)
TIME_LIMIT_SECONDS = 0.3


class RatesCalculator:
    """Calculates by the shipping rates of the offer service."""

    async def options(self, shipment: Shipment) -> tuple[ShippingOption, ...] | None:
        it = shipment
        return shipping_options(it.lines, it.rates, it.destination, it.goods, it.currency)


class LimitedCalculator:
    """Another calculator, which may also ask another system, with a time limit."""

    def __init__(self, calculator: ShippingCalculator, seconds: float = TIME_LIMIT_SECONDS) -> None:
        self._calculator = calculator
        self._seconds = seconds

    async def options(self, shipment: Shipment) -> tuple[ShippingOption, ...] | None:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._calculator.options(shipment)
        except Exception as error:  # any: the shopper goes on at the default rate
            FAILURES.inc()
            LOG.warning("shipping_not_calculated", error=repr(error))
            return None
