"""The payment providers, by the name that the facts record as ``gateway``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

import structlog

from checkout_saga.customers.vault import Vault
from checkout_saga.payments.accounts.connecting import Accounts
from checkout_saga.payments.domain.entries import Entry, NotListed, Window
from checkout_saga.payments.domain.operation import (
    Declined,
    Done,
    Instrument,
    Outcome,
    PaymentRequest,
    Unknown,
)
from checkout_saga.payments.domain.reversal import (
    ALREADY_CAPTURED,
    as_reversal,
    capture_of,
    refund_of_all,
)
from checkout_saga.payments.ports import PaymentProvider
from checkout_saga.payments.providers.first_use import Load, LoadedAtFirstUse
from checkout_saga.payments.providers.paypal import registration as paypal
from checkout_saga.payments.providers.simulated import registration as simulated
from checkout_saga.payments.providers.stripe import registration as stripe
from checkout_saga.settings import CheckoutSettings

LOG = structlog.get_logger()


def _always(_: CheckoutSettings) -> bool:
    return True


class Registration(NamedTuple):
    load: Load
    methods: frozenset[str]
    """The payment methods that new checkouts may choose."""
    is_configured: Callable[[CheckoutSettings], bool] = _always
    """Whether this installation has the provider's settings."""
    credentials: frozenset[str] = frozenset()
    """The names of the credentials of a tenant's account; empty: the provider needs no account."""


PROVIDERS: Mapping[str, Registration] = MappingProxyType(
    {
        "simulated": Registration(simulated.load, simulated.METHODS),
        "stripe": Registration(stripe.load, stripe.METHODS, credentials=stripe.CREDENTIALS),
        "paypal": Registration(paypal.load, paypal.METHODS, credentials=paypal.CREDENTIALS),
    }
)
"""A provider stays in this table as long as a payment may be refunded at it."""


class Providers:
    """All providers as one: each request goes to the provider that its facts name."""

    def __init__(self, by_name: Mapping[str, PaymentProvider]) -> None:
        self._by_name = by_name

    async def perform(self, request: PaymentRequest, *, again: bool) -> Outcome:
        provider = self._by_name.get(request.gateway)
        outcome = await provider.perform(request, again=again) if provider else _no_provider(request)
        return _alarmed(request, outcome)

    async def look_up(self, request: PaymentRequest) -> Outcome | None:
        provider = self._by_name.get(request.gateway)
        outcome = await provider.look_up(request) if provider else _no_provider(request)
        return outcome and _alarmed(request, outcome)

    async def describe(self, request: PaymentRequest) -> Instrument | None:
        provider = self._by_name.get(request.gateway)
        return await provider.describe(request) if provider else None

    async def entries(self, window: Window) -> Sequence[Entry]:
        provider = self._by_name.get(window.gateway)
        if provider is None:
            raise NotListed(Unknown(f"There is no payment provider {window.gateway}."))
        return await provider.entries(window)

    async def reverse(self, void: PaymentRequest, *, again: bool) -> Outcome:
        ended = await self.perform(void, again=again)
        if not (isinstance(ended, Declined) and ended.code == ALREADY_CAPTURED):
            return ended
        taken = await self.look_up(capture_of(void))
        if isinstance(taken, Unknown):
            return taken
        refund = refund_of_all(void)
        if isinstance(taken, Done):
            refund = replace(refund, reference=taken.reference)
        return as_reversal(await self.perform(refund, again=again))


@asynccontextmanager
async def connect_providers(
    settings: CheckoutSettings, vault: Vault, accounts: Accounts
) -> AsyncIterator[Providers]:
    """The configured providers; each is loaded and connected with its first call."""
    async with AsyncExitStack() as stack:
        yield Providers(
            {
                name: LoadedAtFirstUse(it.load, settings, vault, accounts, stack)
                for name, it in PROVIDERS.items()
                if it.is_configured(settings)
            }
        )


def without_account(settings: CheckoutSettings) -> dict[str, frozenset[str]]:
    """The methods of the configured providers that a tenant needs no account for, by the provider's name."""
    return {
        name: it.methods
        for name, it in PROVIDERS.items()
        if not it.credentials and it.is_configured(settings)
    }


def _alarmed(request: PaymentRequest, outcome: Outcome) -> Outcome:
    if isinstance(outcome, Unknown | Declined) and outcome.alarm:
        LOG.error(
            "payment_provider_alarm",
            alarm=outcome.alarm,
            gateway=request.gateway,
            operation=request.operation,
            payment_id=str(request.payment_id),
            detail=outcome.detail,
        )
    return outcome


def _no_provider(request: PaymentRequest) -> Unknown:
    """A fact names a provider that was removed, or is not configured any more. The call is repeated like any
    other whose outcome is unknown, until an operator resolves it or the provider is back."""
    LOG.error("payment_provider_missing", gateway=request.gateway, operation=request.operation)
    return Unknown(f"There is no payment provider {request.gateway}.")
