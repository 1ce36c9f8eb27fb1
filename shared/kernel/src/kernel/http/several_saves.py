"""Requests that take several saves: an import of many lines, of which each group is stored by itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID, uuid5

from starlette.responses import Response

from kernel.context import Context
from kernel.faults import failpoints
from kernel.http.problems import Problem
from kernel.http.results import IdempotencySlot, Result, SerializedResponse
from kernel.ids import NIL_ID
from kernel.store.changes import Changes
from kernel.store.event_store import EventStore
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.unit_of_work import UnitOfWork

T = TypeVar("T")


class SeveralSaves(ABC):
    """The part of a command's request that makes several saves, of which the last has the response.

    After a crash the earlier ones are made and the response is not: a repetition runs all of them again, so
    each must be one that changes nothing the second time.
    """

    context: Context
    _store: EventStore
    _slot: IdempotencySlot | None
    _if_match: str | None
    _status: int

    @property
    def key_id(self) -> UUID | None:
        """An id of the idempotency key with its request; None without a key."""
        if self._slot is None:
            return None
        return uuid5(NIL_ID, "\n".join([*self._slot[:3], self._slot.request_hash.hex()]))

    async def save(self, act: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        """One of the earlier saves; ``act`` runs again after a conflict."""
        result = await self._store.run(self.context, act)
        failpoints.active and await failpoints.hit("http.between_saves")
        return result

    async def preview(self, act: Callable[[UnitOfWork], Awaitable[Result]]) -> Response:
        """Respond with what ``act`` would decide; nothing is stored."""
        work = await self._store.begin(self.context)
        return (await act(work)).serialize(self._status).response()

    async def dry_run(self, act: Callable[[UnitOfWork], Awaitable[T]]) -> tuple[T, Changes]:
        """What ``act`` decides, and what would be stored; nothing is, nor a response under the idempotency
        key. A refusal is raised."""
        return await self._store.preview(self.context, act)

    async def run_after(
        self,
        earlier: Callable[[], Awaitable[T]],
        act: Callable[[T, UnitOfWork], Awaitable[Result]],
    ) -> Response:
        """Run ``earlier``, which saves by ``save``, and then ``act`` on what it returns; its save stores the
        response. A repetition of a request that has its response runs neither. Nothing here has a version,
        so a request with If-Match is refused."""

        async def save_all() -> SerializedResponse:
            if self._if_match:
                raise Problem(412, "VERSION_CONFLICT", "Nothing here has a version.")
            found = await earlier()

            async def decide(work: PgUnitOfWork) -> SerializedResponse:
                return self._kept((await act(found, work)).serialize(self._status), work)

            return await self._store_decision(decide)

        return await self._run_once(save_all, never_resumed, look_up_first=True)

    @abstractmethod
    def _kept(self, response: SerializedResponse, work: PgUnitOfWork) -> SerializedResponse: ...

    @abstractmethod
    async def _store_decision(self, decide: Callable[[PgUnitOfWork], Awaitable[T]]) -> T: ...

    @abstractmethod
    async def _run_once(
        self,
        first: Callable[[], Awaitable[SerializedResponse]],
        resume: Callable[[UUID], Awaitable[SerializedResponse]],
        *,
        look_up_first: bool = False,
    ) -> Response: ...


async def never_resumed(_subject: UUID) -> SerializedResponse:
    raise AssertionError("unreachable: the response is stored with the facts, and deleted with its key")
