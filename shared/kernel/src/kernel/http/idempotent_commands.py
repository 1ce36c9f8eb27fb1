"""Run a use case for a request: once per idempotency key, against the version that the caller has seen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from starlette.responses import Response

from kernel.context import Context
from kernel.database import is_outage
from kernel.domain import Aggregate, Refused
from kernel.errors import CommitOutcomeUnknown, Conflict, DuplicateRequest
from kernel.faults import failpoints
from kernel.http.in_flight_keys import InFlightKeys, reused
from kernel.http.problems import Problem, invalid, refusal_body
from kernel.http.results import IdempotencySlot, Result, SerializedResponse, complete, find
from kernel.http.statuses import DEFAULTS, Statuses, status_of
from kernel.instants import EARLIEST, text_of
from kernel.store.conflict_retry import retry_on_conflict
from kernel.store.event_store import EventStore, Transaction
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.unit_of_work import UnitOfWork

R = TypeVar("R")


class CommandRunner:
    """What the requests of one process share."""

    def __init__(
        self, store: EventStore, earliest: datetime = EARLIEST, statuses: Statuses = DEFAULTS
    ) -> None:
        """``earliest``: before it nothing can have occurred; ``statuses``: refusal code -> HTTP status."""
        self.store = store
        self.statuses = statuses
        self.earliest = earliest
        self.keys = InFlightKeys()


class CommandRequest:
    """One request that may change something."""

    def __init__(
        self,
        writes: CommandRunner,
        context: Context,
        slot: IdempotencySlot | None = None,
        if_match: str | None = None,
    ) -> None:
        self.context = context
        self._writes = writes
        self._store = writes.store
        self._slot = slot
        self._if_match = if_match
        self._checked = False
        self._is_stored = False

    def check(self, aggregate: Aggregate) -> None:
        """Refuse if the caller has named, by If-Match, another version than this one."""
        self._checked = True
        if self._if_match is None or (self._if_match == "*" and aggregate.exists):
            return
        if f'"{aggregate.version}"' not in [it.strip() for it in self._if_match.split(",")]:
            raise _stale()

    async def run(self, act: Callable[[UnitOfWork], Awaitable[Result]]) -> Response:
        """Decide, store and answer in one go. ``act`` runs again whenever somebody else was first."""

        async def decide(session: PgUnitOfWork) -> SerializedResponse:
            answer = (await act(session)).rendered()
            if self._slot:
                session.set_response(self._slot.answered(answer, session.now))
            return answer

        return await self._once(lambda: self._stored(decide), _has_no_second_part)

    async def run_within(self, act: Callable[[Transaction], Awaitable[Result]]) -> Response:
        """The same for what needs a transaction of its own: all that ``act`` writes, and then the answer.
        What has no version cannot be the one that the caller has seen."""

        # failpoint: none needed (store-transaction)
        async def first() -> SerializedResponse:
            if self._if_match:
                raise _stale()
            async with self._store.transaction() as transaction:
                answer = (await act(transaction)).rendered()
                if self._slot:
                    session = self._store.begin_within(transaction.connection, transaction.now)
                    session.set_response(self._slot.answered(answer, session.now))
                    await self._store.flush(session, transaction.connection)
            return answer

        return await self._once(lambda: retry_on_conflict(first), _has_no_second_part, look_first=True)

    async def begin_and_answer(
        self,
        act: Callable[[UnitOfWork], Awaitable[UUID]],
        answer_for: Callable[[UUID], Awaitable[Result]],
    ) -> Response:
        """Store first, answer later: ``act`` tells the subject that was begun, ``answer_for`` waits for what
        becomes of it. A repetition whose first run was cut off in between takes up where that one ended."""

        async def decide(session: PgUnitOfWork) -> UUID:
            subject = await act(session)
            if self._slot:
                session.set_response(self._slot.begun(subject, session.now))
            return subject

        async def finish(subject: UUID) -> SerializedResponse:
            try:
                try:
                    answer = (await answer_for(subject)).rendered()
                except Refused as no:
                    answer = self._refusal(no)
                return await complete(self._store.pool, self._slot, answer) if self._slot else answer
            except Exception as away:
                if not is_outage(away):
                    raise
                raise CommitOutcomeUnknown(f"{subject} is begun") from away

        async def both() -> SerializedResponse:
            return await finish(await self._stored(decide))

        return await self._once(both, finish)

    async def _once(
        self,
        first: Callable[[], Awaitable[SerializedResponse]],
        again: Callable[[UUID], Awaitable[SerializedResponse]],
        *,
        look_first: bool = False,
    ) -> Response:
        """A key is hardly ever a repetition, so it is not looked up first: whatever is decided is stored
        together with the key, or not at all if the key has been used. What would not be stored, such as a
        problem, is told only after a look."""
        slot = self._slot
        if slot is None:
            return (await first()).response()
        with self._writes.keys.acquire(slot):
            look_first = look_first or self._writes.keys.seen_recently(slot)
            kept = await find(self._store.pool, slot) if look_first else None
            if kept is None:
                try:
                    return (await self._first(first, slot)).response()
                except DuplicateRequest:
                    kept = await find(self._store.pool, slot)
                except Exception as problem:
                    if look_first or self._is_stored or is_outage(problem):
                        raise
                    kept = await find(self._store.pool, slot)
                    if kept is None:
                        raise
            if kept is None:
                raise Conflict(f"the answer to {slot.key} has gone")
            if kept.request_hash != slot.request_hash:
                raise reused()
            if kept.answer:
                return kept.answer.response(replayed=True)
            if kept.subject is None:
                raise Conflict(f"nothing was begun under {slot.key}")
            return (await again(kept.subject)).response(replayed=True)

    # failpoint: none needed (append)
    async def _first(
        self, run: Callable[[], Awaitable[SerializedResponse]], slot: IdempotencySlot
    ) -> SerializedResponse:
        """A refusal is an answer, too, and is kept like any other."""
        try:
            return await run()
        except Refused as no:
            answer = self._refusal(no)
            session = await self._store.begin(self.context)
            session.set_response(slot.answered(answer, session.now))
            await self._store.commit(session)
            return answer

    async def _stored(self, decide: Callable[[PgUnitOfWork], Awaitable[R]]) -> R:
        async def checked(session: PgUnitOfWork) -> R:
            self._check_date(session)
            self._checked = False
            result = await decide(session)
            if self._if_match and not self._checked:
                raise _stale()
            return result

        result = await self._store.run(self.context, checked)
        self._is_stored = True
        failpoints.active and await failpoints.hit("http.after_commit_before_answer")
        return result

    def _check_date(self, session: PgUnitOfWork) -> None:
        earliest, at = self._writes.earliest, self.context.occurred_at
        if at is not None and not earliest <= at <= session.now:
            detail = f"must be from {text_of(earliest)} to now"
            raise invalid(detail, "/Feira-Occurred-At", "header")

    def _refusal(self, no: Refused) -> SerializedResponse:
        status = status_of(no, self._writes.statuses)
        return SerializedResponse(status, refusal_body(no, status, self.context.correlation_id))


async def _has_no_second_part(_subject: UUID) -> SerializedResponse:
    raise AssertionError("unreachable: this write stores its answer with its facts")


def _stale() -> Problem:
    return Problem(412, "VERSION_CONFLICT", "Somebody else has changed it since the version in If-Match.")
