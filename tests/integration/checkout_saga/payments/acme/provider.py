"""A provider as docs/how-to/add-a-payment-provider.md has one added: it speaks to the simulated gateway, with
the secret of the shop's own account."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx

from checkout_saga.customers.vault import Vault
from checkout_saga.payments.accounts.connecting import Accounts, OpenAccount
from checkout_saga.payments.domain.entries import Entry, NotListed, Window
from checkout_saga.payments.domain.operation import Instrument, Outcome, PaymentRequest, Unknown
from checkout_saga.payments.providers.simulated.provider import SimulatedGateway
from checkout_saga.settings import CheckoutSettings

NO_ACCOUNT = Unknown("The shop has no account at the provider.", alarm="account_missing")


@asynccontextmanager
async def connect(settings: CheckoutSettings, vault: Vault, accounts: Accounts) -> AsyncIterator[Acme]:
    async with httpx.AsyncClient(base_url=settings.gateway_url, trust_env=False) as client:
        yield Acme(client, vault, accounts)


class Acme:
    def __init__(self, client: httpx.AsyncClient, vault: Vault, accounts: Accounts) -> None:
        self._client = client
        self._vault = vault
        self._accounts = accounts

    async def perform(self, request: PaymentRequest, *, again: bool) -> Outcome:
        account = await self._accounts.of(request)
        return await self._at(account).perform(request, again=again) if account else NO_ACCOUNT

    async def look_up(self, request: PaymentRequest) -> Outcome | None:
        account = await self._accounts.of(request)
        return await self._at(account).look_up(request) if account else NO_ACCOUNT

    async def describe(self, request: PaymentRequest) -> Instrument | None:
        account = await self._accounts.of(request)
        return await self._at(account).describe(request) if account else None

    async def entries(self, window: Window) -> Sequence[Entry]:
        account = await self._accounts.of(window)
        if account is None:
            raise NotListed(NO_ACCOUNT)
        return await self._at(account).entries(window)

    def _at(self, account: OpenAccount) -> SimulatedGateway:
        self._client.headers["Authorization"] = f"Bearer {account.secrets.credentials['secret_key']}"
        return SimulatedGateway(self._client, self._vault, account.timeout_seconds)
