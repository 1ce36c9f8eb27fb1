"""A payment provider as the use cases see it."""

from __future__ import annotations

from typing import Protocol

from checkout_saga.payments.domain.operation import Outcome, PaymentRequest


class PaymentProvider(Protocol):
    async def look_up(self, request: PaymentRequest) -> Outcome | None:
        """The outcome under the request's key, without performing it; None: the key is unknown."""

    async def perform(self, request: PaymentRequest, *, again: bool) -> Outcome:
        """Never raises for the provider's behaviour. ``again``: it may have been performed already, so its
        key is looked up first. After a request without an answer the key is looked up, too."""
