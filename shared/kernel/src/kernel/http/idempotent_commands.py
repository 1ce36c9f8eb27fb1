"""Run a use case for a request: once per idempotency key, against the version that the caller has seen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from starlette.responses import Response

from kernel.context import Context
from kernel.domain import Refused
from kernel.errors import CommitOutcomeUnknown, Conflict, DuplicateRequest
from kernel.faults import failpoints
from kernel.http.auth import Principal
from kernel.http.command_runner import CommandRunner
from kernel.http.in_flight_keys import key_reused
from kernel.http.problems import invalid, refusal_body, version_conflict
from kernel.http.results import (
    IdempotencySlot,
    Result,
    SerializedResponse,
    find_response,
    store_response,
)
from kernel.http.several_saves import SeveralSaves, never_resumed
from kernel.http.statuses import status_of
from kernel.http.versions import Versioned
from kernel.ids import NIL_ID
from kernel.instants import text_of
from kernel.postgres.connections import is_outage
from kernel.postgres.service_pool import ServicePool
from kernel.store.conflict_retry import retry_on_conflict
from kernel.store.event_store import Transaction
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.unit_of_work import UnitOfWork

R = TypeVar("R")


class CommandRequest(SeveralSaves):
    """One request that may change something. A refusal of a run is raised; with an idempotency key it is
    stored, and returned like any other response."""

    def __init__(
        self,
        runner: CommandRunner,
        principal: Principal,
        context: Context,
        slot: IdempotencySlot | None = None,
        if_match: str | None = None,
        status: int = 200,
    ) -> None:
        """``slot``: None without an idempotency key; ``status``: of a response that sets none itself."""
        self.principal = principal
        self.context = context
        self._runner = runner
        self._store = runner.store
        self._slot = slot
        self._if_match = if_match
        self._status = status
        self._is_version_checked = False
        self._is_stored = False

    @property
    def pool(self) -> ServicePool:
        return self._store.pool

    def check(self, aggregate: Versioned) -> None:
        """Raise a ``Problem`` if the caller has named, by If-Match, another version than the aggregate's."""
        self._is_version_checked = True
        if self._if_match is None or (self._if_match == "*" and aggregate.exists):
            return
        if f'"{aggregate.version}"' not in [it.strip() for it in self._if_match.split(",")]:
            raise version_conflict()

    async def run(
        self,
        act: Callable[[UnitOfWork], Awaitable[Result]],
        on_refusal: Callable[[Refused, UnitOfWork], None] | None = None,
        show_again: Callable[[UnitOfWork], Awaitable[Result]] | None = None,
    ) -> Response:
        """Decide, store and respond in one unit of work. ``act`` runs again after a conflict. ``on_refusal``
        records a refusal in a unit of work of its own: nothing that ``act`` decided is in it. ``show_again``:
        the present state, for a repetition after the body of the response has been deleted; needed by routes
        whose keys are kept for ever."""

        async def decide(work: PgUnitOfWork) -> SerializedResponse:
            return self._kept((await act(work)).serialize(self._status), work)

        async def decide_or_record() -> SerializedResponse:
            try:
                return await self._store_decision(decide)
            except Refused as error:
                if on_refusal is None:
                    raise
                refused, record = error, on_refusal

            async def record_refusal(work: PgUnitOfWork) -> SerializedResponse:
                record(refused, work)
                return self._kept(self._refusal(refused), work)

            return await self._store_decision(record_refusal)

        async def show(subject: UUID) -> SerializedResponse:
            if show_again is None:
                return await never_resumed(subject)
            return (await self._store.run(self.context, show_again)).serialize()

        return await self._run_once(decide_or_record, show)

    def _kept(self, response: SerializedResponse, work: PgUnitOfWork) -> SerializedResponse:
        """The response, to be stored with what the unit of work decided."""
        if self._slot:
            work.set_response(self._slot.stored_response(response, work.now))
        return response

    async def run_within(self, act: Callable[[Transaction], Awaitable[Result]]) -> Response:
        """Like ``run``, in a transaction that ``act`` may write to directly; the response is stored last."""

        # failpoint: none needed (store-transaction)
        async def run_in_transaction() -> SerializedResponse:
            self._is_version_checked = False
            async with self._store.transaction() as transaction:
                response = (await act(transaction)).serialize(self._status)
                if self._if_match and not self._is_version_checked:
                    raise version_conflict()
                if self._slot:
                    work = self._store.begin_within(transaction.connection, transaction.now)
                    work.set_response(self._slot.stored_response(response, work.now))
                    await self._store.flush(work, transaction.connection)
            return response

        return await self._run_once(
            lambda: retry_on_conflict(run_in_transaction), never_resumed, look_up_first=True
        )

    async def begin_and_respond(
        self,
        act: Callable[[UnitOfWork], Awaitable[UUID]],
        response_for: Callable[[UUID], Awaitable[Result]],
        admit: Callable[[], Awaitable[None]] | None = None,
    ) -> Response:
        """Store first, respond later: ``act`` returns the id of what it has begun, ``response_for`` waits for
        its outcome. If the process dies in between, a repeated request waits for the same outcome.

        ``admit`` runs before ``act``, but not for a repetition, and may raise a ``Problem``, which is not
        stored."""

        async def decide(work: PgUnitOfWork) -> UUID:
            subject = await act(work)
            if self._slot:
                work.set_response(self._slot.pending_response(subject, work.now))
            return subject

        async def finish(subject: UUID) -> SerializedResponse:
            try:
                try:
                    response = (await response_for(subject)).serialize(self._status)
                except Refused as refused:
                    response = self._refusal(refused)
                if self._slot:
                    return await store_response(self._store.pool, self._slot, response)
                return response
            except Exception as error:
                if not is_outage(error):
                    raise
                raise CommitOutcomeUnknown(f"{subject} is begun") from error

        async def begin_and_finish() -> SerializedResponse:
            if admit:
                await admit()
            return await finish(await self._store_decision(decide))

        return await self._run_once(begin_and_finish, finish, look_up_first=admit is not None)

    async def _run_once(
        self,
        first: Callable[[], Awaitable[SerializedResponse]],
        resume: Callable[[UUID], Awaitable[SerializedResponse]],
        *,
        look_up_first: bool = False,
    ) -> Response:
        """Optimistic: ``first`` runs without a look-up of the key; its insert raises ``DuplicateRequest`` for
        a repeated request. Outcomes that are not stored (problems) are returned only after a look-up: another
        replica may have stored one meanwhile."""
        if (slot := self._slot) is None:
            return (await first()).response()
        with self._runner.keys.acquire(slot):
            look_up_first = look_up_first or self._runner.keys.seen_recently(slot)
            prior = await find_response(self._store.pool, slot) if look_up_first else None
            if prior is None:
                try:
                    return (await self._run_or_store_refusal(first, slot)).response()
                except DuplicateRequest:
                    prior = await find_response(self._store.pool, slot)
                except Exception as error:
                    if self._is_stored or is_outage(error):
                        raise
                    prior = await find_response(self._store.pool, slot)
                    if prior is None:
                        raise
            if prior is None:
                raise Conflict(f"the response of {slot.key} has been deleted meanwhile")
            if prior.request_hash != slot.request_hash:
                raise key_reused()
            if prior.response:
                return prior.response.response(replayed=True)
            if prior.subject is None and prior.status is None:
                raise Conflict(f"nothing was begun under {slot.key}")
            again = await resume(prior.subject or NIL_ID)
            return again._replace(status=prior.status or again.status).response(replayed=True)

    # failpoint: none needed (append)
    async def _run_or_store_refusal(
        self, run: Callable[[], Awaitable[SerializedResponse]], slot: IdempotencySlot
    ) -> SerializedResponse:
        """A refusal is a response, too, and is stored like any other."""
        try:
            return await run()
        except Refused as refused:
            response = self._refusal(refused)
            work = await self._store.begin(self.context)
            work.set_response(slot.stored_response(response, work.now))
            await self._store.commit(work)
            return response

    async def _store_decision(self, decide: Callable[[PgUnitOfWork], Awaitable[R]]) -> R:
        async def decide_and_check(work: PgUnitOfWork) -> R:
            self._check_date(work)
            self._is_version_checked = False
            result = await decide(work)
            if self._if_match and not self._is_version_checked:
                raise version_conflict()
            return result

        result = await self._store.run(self.context, decide_and_check)
        self._is_stored = True
        failpoints.active and await failpoints.hit("http.after_commit_before_answer")
        return result

    def _check_date(self, work: PgUnitOfWork) -> None:
        earliest, occurred_at = self._runner.earliest, self.context.occurred_at
        if occurred_at is not None and not earliest <= occurred_at <= work.now:
            detail = f"The time must be between {text_of(earliest)} and now."
            raise invalid(detail, "/Feira-Occurred-At", "header")

    def _refusal(self, refused: Refused) -> SerializedResponse:
        status = status_of(refused, self._runner.statuses)
        return SerializedResponse(status, refusal_body(refused, status, self.context.correlation_id))
