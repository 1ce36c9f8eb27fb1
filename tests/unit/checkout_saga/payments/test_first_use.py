"""The adapter of a payment provider is loaded and connected with the first call to it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from checkout_saga.customers.vault import Vault
from checkout_saga.payments.accounts.connecting import Accounts
from checkout_saga.payments.domain.operation import Done, Operation
from checkout_saga.payments.providers.first_use import Connect, LoadedAtFirstUse
from checkout_saga.settings import CheckoutSettings
from tests.unit.checkout_saga.examples import request
from tests.unit.checkout_saga.payments.test_providers import Recorded

CAPTURE = request(Operation.CAPTURE)


class Adapter:
    """Notes how often, and in which threads, it was loaded, and how often it is connected."""

    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []
        self.connected = self.closed = 0
        self.failures = 0

    def load(self) -> Connect:
        self.threads.append(threading.current_thread())
        if self.failures:
            self.failures -= 1
            raise ImportError
        return self.connect

    @asynccontextmanager
    async def connect(self, _: CheckoutSettings, _v: Vault, _a: Accounts) -> AsyncIterator[Recorded]:
        self.connected += 1
        yield Recorded("first")
        self.closed += 1

    def at_first_use(self, closing: AsyncExitStack) -> LoadedAtFirstUse:
        settings, vault = CheckoutSettings.model_construct(), Vault.__new__(Vault)
        return LoadedAtFirstUse(self.load, settings, vault, Accounts.__new__(Accounts), closing)


async def test_calls_at_the_same_time_load_an_adapter_once_in_another_thread() -> None:
    adapter = Adapter()
    async with AsyncExitStack() as closing:
        provider = adapter.at_first_use(closing)
        assert (adapter.threads, adapter.connected) == ([], 0)
        outcomes = await asyncio.gather(*(provider.perform(CAPTURE, again=False) for _ in range(5)))
        assert outcomes == [Done("first", CAPTURE.amount)] * 5
        assert (len(adapter.threads), adapter.connected, adapter.closed) == (1, 1, 0)
        assert adapter.threads[0] is not threading.current_thread()
    assert adapter.closed == 1


async def test_an_adapter_that_is_not_called_is_neither_loaded_nor_closed() -> None:
    adapter = Adapter()
    async with AsyncExitStack() as closing:
        adapter.at_first_use(closing)
    assert (adapter.threads, adapter.connected, adapter.closed) == ([], 0, 0)


async def test_an_adapter_that_could_not_be_loaded_is_loaded_by_the_next_call() -> None:
    adapter = Adapter()
    adapter.failures = 1
    async with AsyncExitStack() as closing:
        provider = adapter.at_first_use(closing)
        with pytest.raises(ImportError):
            await provider.look_up(CAPTURE)
        assert await provider.look_up(CAPTURE) is None
    assert (len(adapter.threads), adapter.connected) == (2, 1)


async def test_a_caller_that_gives_up_while_an_adapter_is_loaded_harms_no_other_call() -> None:
    adapter, go_on = Adapter(), threading.Event()

    def slow() -> Connect:
        go_on.wait(timeout=60)
        return adapter.load()

    async with AsyncExitStack() as closing:
        provider = adapter.at_first_use(closing)
        provider._load = slow
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await provider.look_up(CAPTURE)
        go_on.set()
        assert await provider.look_up(CAPTURE) is None
    assert (adapter.connected, adapter.closed) == (1, 1)
