"""The network to the gateway: the service's own adapter on an HTTP client that fails as planned."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import httpx
import orjson

from checkout_saga.customers.vault import Vault
from checkout_saga.payments.providers.simulated import SimulatedGateway
from simulators.gateway.tokens import Behaviour
from tests.proofs.simulation import faults
from tests.proofs.simulation.ledger import Entry, Request, request_of
from tests.proofs.simulation.scheduler import DIE, MS, SECOND, pause

if TYPE_CHECKING:
    from tests.proofs.simulation.world import World

CALL_TIMEOUT = 2 * SECOND
"""Timeout of a request, in microseconds."""


@dataclass(frozen=True, slots=True)
class Response:
    status_code: int
    content: bytes = b""


class OpenVault(Vault):
    """A vault without encryption."""

    def __init__(self) -> None:
        """Needs no keys."""

    async def open(self, tenant: str, customer_id: str, sealed: str) -> dict[str, Any] | None:
        return {"token": sealed}


class GatewayOnWire(SimulatedGateway):
    """The service's adapter; its time limit is kept by ``Wire``, on the scheduler's clock."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(cast(httpx.AsyncClient, wire), OpenVault(), CALL_TIMEOUT)

    async def _with_timeout(self, call: Coroutine[Any, Any, httpx.Response]) -> httpx.Response:
        return await call


class Wire:
    """Implements the two methods of an HTTP client that the adapter uses."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def post(self, path: str, *, json: dict[str, Any], headers: dict[str, str]) -> Response:
        it = request_of(path, json, headers["Idempotency-Key"])
        fault = await self._leave(it.operation)
        if fault == faults.REFUSED:
            return Response(503)
        if fault == faults.DONE_LATE:
            seconds = self._world.random.between("late calls", 3 * SECOND, 200 * SECOND)
            self._world.scheduler.after(seconds, partial(self._do_late, it))
            await self._silence()
        how, entry = self._do(it)
        return await self._come_back(fault, how, entry)

    async def get(self, path: str, *, params: dict[str, str]) -> Response:
        fault = await self._leave("look_up")
        if fault == faults.REFUSED:
            return Response(503)
        if fault == faults.DONE_LATE:
            await self._silence()
        key = path.removeprefix("/v1/operations/")
        how, entry = self._world.ledger.look_up(params["merchant"], key, self._world.scheduler.now)
        return await self._come_back(fault, how, entry)

    def _do_late(self, it: Request) -> None:
        self._do(it)

    def _do(self, it: Request) -> tuple[Behaviour, Entry | None]:
        world = self._world
        before = len(world.ledger.entries)
        how, entry = world.ledger.perform(it, world.scheduler.now)
        if entry and len(world.ledger.entries) > before:
            world.done_at_gateway(entry)
        return how, entry

    async def _leave(self, operation: str) -> str | None:
        world = self._world
        fault = world.plan.at("call", operation)
        if fault == faults.DIES_BEFORE:
            await pause(DIE)
        if fault == faults.DOWN:
            world.take_gateway_down()
        await pause(world.random.between("to the gateway", 2 * MS, 20 * MS))
        if fault == faults.LOST or world.gateway_is_down:
            await self._silence()
        return fault

    async def _come_back(self, fault: str | None, how: Behaviour, entry: Entry | None) -> Response:
        if fault == faults.DIES_AFTER:
            await pause(DIE)
        if fault == faults.UNHEARD or how in {Behaviour.NOT_ANSWERED, Behaviour.DONE_NOT_ANSWERED}:
            await self._silence()
        await pause(self._world.random.between("from the gateway", 2 * MS, 20 * MS))
        if how is Behaviour.UNAVAILABLE:
            return Response(503)
        return Response(404) if entry is None else Response(200, orjson.dumps(entry.response()))

    async def _silence(self) -> None:
        await pause(CALL_TIMEOUT)
        raise TimeoutError
