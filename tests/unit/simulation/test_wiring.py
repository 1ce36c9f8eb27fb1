"""The simulation runs every handler that the services wire, as their own ``run`` functions show."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

import cart.app
import checkout_saga.app
import checkout_saga.customers.vault
import offer.app
from cart.settings import CartSettings
from checkout_saga.settings import CheckoutSettings
from kernel.messaging.batch import Handler
from kernel.service.settings import ServiceSettings
from offer.settings import OfferSettings
from tests.proofs.simulation.drawing import drawn
from tests.proofs.simulation.faults import Plan
from tests.proofs.simulation.scheduler import Scheduler
from tests.proofs.simulation.world import World

APPS: Mapping[str, tuple[ModuleType, type[ServiceSettings]]] = {
    "cart": (cart.app, CartSettings),
    "offer": (offer.app, OfferSettings),
    "checkout-saga": (checkout_saga.app, CheckoutSettings),
}
Routes = dict[str, tuple[frozenset[str], frozenset[str]]]
"""Topics and types by group."""


class Idle:
    """In the place of whatever would reach for a server: it can be asked for anything, and does nothing."""

    def __init__(self, *_: Any, **__: Any) -> None:
        """Takes anything."""

    def __getattr__(self, _: str) -> Any:
        return idle


class NoApplication(Idle):
    """In the place of the HTTP application."""

    tables = ()


class NoPublishing:
    """In the place of ``Publishing``: there is no log to guard or to relay."""

    @classmethod
    def of(cls, *_: Any) -> NoPublishing:
        return cls()

    async def start(self) -> None:
        return

    def loops(self) -> tuple[()]:
        return ()


class NoMetrics:
    """In the place of ``pool_metrics``: there is no pool to measure."""

    def measure(self, _: Any) -> None:
        return


async def idle(*_: Any, **__: Any) -> None:
    return


@dataclass
class Built:
    """What a service's own ``run`` has put together."""

    groups: Routes = field(default_factory=dict)
    timers: set[str] = field(default_factory=set)
    callers: set[str] = field(default_factory=set)

    def consumer(
        self, group: str, topics: Sequence[str], handlers: Sequence[Handler], *_: Any, **__: Any
    ) -> Idle:
        self.groups[group] = routes(topics, handlers)
        return Idle()

    def waking(self, _: str, handlers: Mapping[str, Any], *__: Any) -> Idle:
        self.timers |= set(handlers)
        return Idle()

    def calling(self, _: str, callers: Mapping[str, Any], *__: Any, **___: Any) -> Idle:
        self.callers |= set(callers)
        return Idle()


def routes(topics: Sequence[str], handlers: Sequence[Handler]) -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(topics), frozenset[str]().union(*(it.types for it in handlers))


@asynccontextmanager
async def no_loops(*running: Coroutine[Any, Any, Any]) -> AsyncIterator[None]:
    for it in running:
        it.close()
    yield


@asynccontextmanager
async def no_pool() -> AsyncIterator[Idle]:
    yield Idle()


def built(monkeypatch: pytest.MonkeyPatch, service: str) -> Built:
    app, kind = APPS[service]
    it = Built()
    nothing = {"create_app": NoApplication, "DeadLetterAdmin": Idle, "Publishing": NoPublishing}
    recorded = {"Consumer": it.consumer, "Timers": it.waking, "OutboundCalls": it.calling}
    quiet = {
        "running": no_loops,
        "serve": idle,
        "create_pool": _pool,
        "pool_metrics": NoMetrics(),
        "open_vault": _vault,
        "scheduled_accounts": _no_accounts,
    }
    for name, other in {**nothing, **recorded, **quiet}.items():
        for module in (app, checkout_saga.customers.vault):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, other)
    values: dict[str, Any] = {
        "database_url": "postgresql://nowhere", "kafka_bootstrap": "nowhere", "gateway_url": "http://nowhere",
        "gateway_secret": "s" * 16, "master_key": b"", "env": "test", "instance": "one",
    }  # fmt: skip
    settings = kind.model_construct(**values)
    asyncio.run(app.run(settings))
    return it


async def _pool(*_: Any) -> Any:
    return no_pool()


async def _vault(*_: Any) -> Any:
    return Idle()


async def _no_accounts(*_: Any) -> set[UUID]:
    return set()


@pytest.mark.parametrize("service", APPS)
def test_every_handler_of_a_service_is_simulated(monkeypatch: pytest.MonkeyPatch, service: str) -> None:
    wiring = built(monkeypatch, service)
    (node, *_) = World(drawn(1), Plan(), Scheduler()).alive(service)
    played = {group: routes(*both) for group, both in node.wired.groups.items()}
    assert wiring.groups
    assert played == wiring.groups
    assert set(node.wired.timers) == wiring.timers
    assert wiring.timers
    assert set(node.wired.callers) == wiring.callers
