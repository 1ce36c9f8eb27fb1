"""A payment provider as the use cases see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from checkout_saga.payments.domain.entries import Entry, Window
from checkout_saga.payments.domain.operation import Instrument, Outcome, PaymentRequest


class PaymentProvider(Protocol):
    """No method raises for the provider's behaviour."""

    async def look_up(self, request: PaymentRequest) -> Outcome | None:
        """The outcome under the request's key, without performing it; None: it was not performed."""

    async def perform(self, request: PaymentRequest, *, again: bool) -> Outcome:
        """``again``: it may have been performed already, so its key is looked up first. After a request
        without an answer the key is looked up, too."""

    async def describe(self, request: PaymentRequest) -> Instrument | None:
        """What is behind the token of an authorization, before it is charged; None: the provider cannot
        tell, or did not in time."""

    async def entries(self, window: Window) -> Sequence[Entry]:
        """What the provider lists of an account, read page by page. Raises ``NotListed``."""


class PaymentProviders(PaymentProvider, Protocol):
    """All providers as one: each request goes to the one that its facts name."""

    async def reverse(self, void: PaymentRequest, *, again: bool) -> Outcome:
        """Give the customer's money back: end the authorization, or refund
        all of it if it turns out to be captured (then Done with ``captured``)."""
