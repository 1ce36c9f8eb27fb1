"""given(facts).when(use_case, command).then(facts): the form of tests of business rules."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.envelope import Command, Fact
from contracts.registry import MessageRegistry
from contracts.topics import MESSAGES
from kernel.context import Context
from kernel.domain import Refused
from tests.support.in_memory_unit_of_work import InMemoryUnitOfWork, World

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CONTEXT = Context(tenant="demo", correlation_id="correlation", causation_id="request", actor="tester")


class Scenario:
    """``then...`` checks the result of the last ``when``; each ``when`` continues from the one before it."""

    def __init__(self, *past: Fact, messages: MessageRegistry = MESSAGES) -> None:
        self.world = World(messages=messages)
        self.now = NOW
        self.context = CONTEXT
        self.work = InMemoryUnitOfWork(self.world, self.context, self.now)
        self.refusal: Refused | None = None
        self.result: Any = None
        for fact in past:
            version = len(self.world.past[fact.originator_id]) + 1
            self.world.record(fact.model_copy(update={"originator_version": version}))

    def at(self, now: datetime) -> Scenario:
        """What follows happens at this time."""
        self.now = now
        return self

    def after(self, **duration: float) -> Scenario:
        """What follows happens so much later: ``after(hours=72)``."""
        return self.at(self.now + timedelta(**duration))

    def for_tenant(self, tenant: str) -> Scenario:
        self.context = replace(self.context, tenant=tenant)
        return self

    def claimed(self, kind: str, value: str, holder: UUID) -> Scenario:
        """The unique key is already in use."""
        self.world.claims[kind, value] = holder
        return self

    def when(self, use_case: Callable[..., Awaitable[Any]], command: Any, *ports: Any) -> Scenario:
        """Run ``use_case(command, work, *ports)`` and commit, unless it refuses."""
        if self.refusal is not None:
            raise AssertionError("an earlier step was refused") from self.refusal
        self.work = InMemoryUnitOfWork(self.world, self.context, self.now)
        try:
            self.result = asyncio.run(_awaited(use_case(command, self.work, *ports)))
        except Refused as refusal:
            self.result, self.refusal = None, refusal
        else:
            self.work.commit()
        return self

    def then(self, *facts: Fact) -> Scenario:
        """Exactly these facts were recorded; only the order within a stream counts, not times or versions."""
        self._was_not_refused()
        assert by_stream(self.work.facts) == by_stream(facts)
        return self

    def then_nothing(self) -> Scenario:
        """No fact, no command."""
        self.then_sent()
        return self.then()

    def then_refused(self, rule: type[Refused], **members: Any) -> Scenario:
        """The rule refused with at least these members, and no fact was recorded."""
        assert isinstance(self.refusal, rule), f"not refused by {rule.__name__}: {self.refusal!r}"
        assert members == {name: self.refusal.members.get(name) for name in members}
        assert not self.work.facts
        return self

    def then_sent(self, *commands: Command) -> Scenario:
        """Exactly these commands were sent, in this order."""
        self._was_not_refused()
        assert [it.command for it in self.work.sent] == list(commands)
        return self

    def then_sent_under(self, key: UUID, *commands: Command) -> Scenario:
        """Exactly these commands were sent with the record key, in this order."""
        self._was_not_refused()
        assert [it.command for it in self.work.sent if it.key == key] == list(commands)
        return self

    def then_timer(
        self, kind: str, subject: UUID, due_at: datetime, payload: Mapping[str, Any] | None = None
    ) -> Scenario:
        """The timer was set, or moved, to that time."""
        self._was_not_refused()
        timer = self.work.timers.get((subject, kind))
        assert timer is not None
        assert timer.due_at == due_at
        assert payload is None or timer.payload == payload
        return self

    def then_no_timer(self, kind: str, subject: UUID) -> Scenario:
        """A timer that may have been set was cancelled."""
        self._was_not_refused()
        assert self.work.timers.get((subject, kind), "left alone") is None
        return self

    def then_holds(self, kind: str, value: str, holder: UUID | None) -> Scenario:
        """The unique key belongs to ``holder``; None: it is free."""
        self._was_not_refused()
        assert self.world.claims.get((kind, value)) == holder
        return self

    def then_result(self, result: Any) -> Scenario:
        self._was_not_refused()
        assert self.result == result
        return self

    def _was_not_refused(self) -> None:
        if self.refusal is not None:
            raise AssertionError(f"refused: {self.refusal!r}") from self.refusal


def given(*past: Fact) -> Scenario:
    """The past facts; versions are counted by stream, in the order of the arguments."""
    return Scenario(*past)


def by_stream(facts: Iterable[Fact]) -> dict[UUID, list[tuple[str, dict[str, Any]]]]:
    streams: dict[UUID, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
    for fact in facts:
        streams[fact.originator_id].append((fact.TYPE, fact.model_dump()))
    return dict(streams)


def stamp(stream_id: UUID) -> dict[str, Any]:
    """The envelope of a fact in a test: ``Created(**stamp(CART), currency="USD", ...)``."""
    return {"originator_id": stream_id, "originator_version": 1, "timestamp": NOW}


async def _awaited(it: Awaitable[Any]) -> Any:
    return await it
