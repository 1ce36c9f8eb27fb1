"""A payment provider whose adapter is loaded when it is first called.

The libraries of providers are large, and a process calls few providers, so none is loaded when it starts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import TypeAlias

from checkout_saga.customers.vault import Vault
from checkout_saga.payments.accounts.connecting import Accounts
from checkout_saga.payments.domain.entries import Entry, Window
from checkout_saga.payments.domain.operation import Instrument, Outcome, PaymentRequest
from checkout_saga.payments.ports import PaymentProvider
from checkout_saga.settings import CheckoutSettings

Connect: TypeAlias = Callable[
    [CheckoutSettings, Vault, Accounts], AbstractAsyncContextManager[PaymentProvider]
]
Load: TypeAlias = Callable[[], Connect]
"""Imports the adapter."""


class LoadedAtFirstUse:
    """Implements ``PaymentProvider``. The first call loads the adapter in a thread, so that other requests go
    on, and connects it until ``closing`` is closed; calls that come meanwhile wait for it."""

    def __init__(
        self,
        load: Load,
        settings: CheckoutSettings,
        vault: Vault,
        accounts: Accounts,
        closing: AsyncExitStack,
    ) -> None:
        self._load = load
        self._settings = settings
        self._vault = vault
        self._accounts = accounts
        self._closing = closing
        self._loading = asyncio.Lock()
        self._connected: PaymentProvider | None = None

    async def perform(self, request: PaymentRequest, *, again: bool) -> Outcome:
        return await (await self._adapter()).perform(request, again=again)

    async def look_up(self, request: PaymentRequest) -> Outcome | None:
        return await (await self._adapter()).look_up(request)

    async def describe(self, request: PaymentRequest) -> Instrument | None:
        return await (await self._adapter()).describe(request)

    async def entries(self, window: Window) -> Sequence[Entry]:
        return await (await self._adapter()).entries(window)

    async def _adapter(self) -> PaymentProvider:
        if self._connected is None:
            async with self._loading:
                if self._connected is None:
                    connect = await asyncio.to_thread(self._load)
                    connecting = connect(self._settings, self._vault, self._accounts)
                    self._connected = await self._closing.enter_async_context(connecting)
        return self._connected
