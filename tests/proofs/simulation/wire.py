"""The network to the gateway: the service's own adapter on an HTTP client that fails as planned."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import httpx
import orjson

from checkout_saga.customers.vault import Vault
from checkout_saga.payments.providers.simulated import lists
from checkout_saga.payments.providers.simulated.provider import SimulatedGateway
from simulators.gateway.tokens import Behaviour
from tests.proofs.simulation import faults, gateway_list, matrix
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

    async def seal(self, tenant: str, customer_id: str, *secrets: dict[str, Any]) -> list[str]:
        return [orjson.dumps(it).decode() for it in secrets]


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
        if it.method and it.checkout_id:
            self._world.incidents.pushed(it.checkout_id)
        fault = await self._leave(it.operation, it.operation, it.key)
        if fault == faults.REFUSED:
            return Response(503)
        if fault == faults.DONE_LATE:
            self._world.incidents.called(it.operation, it.key, matrix.EFFECT)
            seconds = self._world.random.between("late calls", 3 * SECOND, 200 * SECOND)
            self._world.scheduler.after(seconds, partial(self._do_late, it))
            await self._silence()
        how, entry = self._do(it)
        self._note(it.operation, it.key, fault, how)
        return await self._come_back(fault, how, entry)

    async def get(self, path: str, *, params: dict[str, str]) -> Response:
        if path == lists.PATH:
            return await self._list(params)
        _, _, noun, key = path.split("/", maxsplit=3)
        request = self._world.ledger.requests.get((params["merchant"], key))
        operation = request.operation if request else ""
        fault = await self._leave("look_up", operation, key)
        if fault == faults.REFUSED:
            return Response(503)
        if fault == faults.DONE_LATE:
            await self._silence()
        find = self._world.ledger.state_of if noun == "payments" else self._world.ledger.look_up
        how, entry = find(params["merchant"], key, self._world.scheduler.now)
        return await self._come_back(fault, how, entry)

    async def _list(self, params: dict[str, str]) -> Response:
        fault = await self._leave("list", "", "")
        if fault == faults.REFUSED:
            return Response(503)
        if fault == faults.DONE_LATE:
            await self._silence()
        found = orjson.dumps(gateway_list.page(self._world.ledger, params))
        if fault == faults.DIES_AFTER:
            await pause(DIE)
        if fault == faults.UNHEARD:
            await self._silence()
        await pause(self._world.random.between("from the gateway", 2 * MS, 20 * MS))
        return Response(200, found)

    def _do_late(self, it: Request) -> None:
        self._do(it)

    def _do(self, it: Request) -> tuple[Behaviour, Entry | None]:
        world = self._world
        before = len(world.ledger.entries)
        how, entry = world.ledger.perform(it, world.scheduler.now)
        if entry and len(world.ledger.entries) > before:
            world.done_at_gateway(entry)
        return how, entry

    def _note(self, operation: str, key: str, fault: str | None, how: Behaviour) -> None:
        """Which cell of the matrix the call has met."""
        incidents = self._world.incidents
        if fault == faults.DIES_AFTER:
            incidents.called(operation, key, matrix.CRASH_AFTER)
        elif fault == faults.UNHEARD or how is Behaviour.DONE_NOT_ANSWERED:
            incidents.called(operation, key, matrix.EFFECT)
        elif how is Behaviour.NOT_ANSWERED:
            incidents.called(operation, key, matrix.NO_EFFECT)
        elif how is Behaviour.ANSWER:
            incidents.answered(operation, key)

    async def _leave(self, what: str, operation: str, key: str) -> str | None:
        """``what``: the name of the injection point; ``operation`` and ``key`` are those of the request."""
        world = self._world
        fault = world.plan.at("call", what)
        if fault == faults.DIES_BEFORE:
            world.incidents.called(operation, key, matrix.CRASH_BEFORE)
            await pause(DIE)
        if fault == faults.DOWN:
            world.take_gateway_down()
        await pause(world.random.between("to the gateway", 2 * MS, 20 * MS))
        if fault == faults.LOST or world.gateway_is_down:
            world.incidents.called(operation, key, matrix.NO_EFFECT)
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
