"""The payment providers, by the name that the facts record as ``gateway``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from types import MappingProxyType
from typing import NamedTuple

import structlog

from checkout_saga.customers.vault import Vault
from checkout_saga.payments.domain.operation import Outcome, PaymentRequest, Unknown
from checkout_saga.payments.ports import PaymentProvider
from checkout_saga.payments.providers import simulated
from checkout_saga.settings import CheckoutSettings

LOG = structlog.get_logger()


def _always(_: CheckoutSettings) -> bool:
    return True


class Registration(NamedTuple):
    connect: Callable[[CheckoutSettings, Vault], AbstractAsyncContextManager[PaymentProvider]]
    methods: frozenset[str]
    """The payment methods that new checkouts may choose."""
    is_configured: Callable[[CheckoutSettings], bool] = _always
    """Whether this installation has the provider's settings."""


PROVIDERS: Mapping[str, Registration] = MappingProxyType(
    {"simulated": Registration(simulated.connect, simulated.METHODS)}
)
"""A provider stays in this table as long as a payment may be refunded at it."""


class Providers:
    """All providers as one: each request goes to the provider that its facts name."""

    def __init__(self, by_name: Mapping[str, PaymentProvider]) -> None:
        self._by_name = by_name

    async def perform(self, request: PaymentRequest, *, again: bool) -> Outcome:
        provider = self._by_name.get(request.gateway)
        return await provider.perform(request, again=again) if provider else _no_provider(request)

    async def look_up(self, request: PaymentRequest) -> Outcome | None:
        provider = self._by_name.get(request.gateway)
        return await provider.look_up(request) if provider else _no_provider(request)


@asynccontextmanager
async def connect_providers(settings: CheckoutSettings, vault: Vault) -> AsyncIterator[Providers]:
    """Connect to the configured providers."""
    async with AsyncExitStack() as stack:
        yield Providers(
            {
                name: await stack.enter_async_context(it.connect(settings, vault))
                for name, it in PROVIDERS.items()
                if it.is_configured(settings)
            }
        )


def methods_at(gateway: str, settings: CheckoutSettings) -> frozenset[str]:
    """The payment methods of a registered provider; none if it is not configured."""
    registered = PROVIDERS[gateway]
    return registered.methods if registered.is_configured(settings) else frozenset()


def _no_provider(request: PaymentRequest) -> Unknown:
    """A fact names a provider that was removed, or is not configured any more. The call is repeated like any
    other whose outcome is unknown, until an operator resolves it or the provider is back."""
    LOG.error("payment_provider_missing", gateway=request.gateway, operation=request.operation)
    return Unknown(f"There is no payment provider {request.gateway}.")
