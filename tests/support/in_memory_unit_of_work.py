"""A unit of work in memory, for tests of use cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from contracts.envelope import Command, Fact
from contracts.registry import MessageRegistry
from contracts.topics import MESSAGES
from kernel.context import Context
from kernel.domain import Aggregate
from kernel.errors import KeyClaimed
from kernel.numbering import Series
from kernel.store.upcasting import read_fact

A = TypeVar("A", bound=Aggregate)


class Sent(NamedTuple):
    command: Command
    key: UUID


class TimerSet(NamedTuple):
    kind: str
    subject: UUID
    due_at: datetime
    payload: Mapping[str, Any]
    target: str = ""


@dataclass
class World:
    """The facts by stream, and the unique keys in use."""

    past: dict[UUID, list[Fact]] = field(default_factory=lambda: defaultdict(list))
    claims: dict[tuple[str, str], UUID] = field(default_factory=dict)
    messages: MessageRegistry = MESSAGES
    rows: dict[tuple[str, tuple[Any, ...]], list[dict[str, Any]]] = field(default_factory=dict)
    """What queries of tables find, by statement and arguments."""
    drawn: dict[Series, int] = field(default_factory=dict)
    """The last number of each series."""

    def record(self, fact: Fact) -> None:
        self.past[fact.originator_id].append(fact)


class InMemoryUnitOfWork:
    """Implements ``kernel.unit_of_work.UnitOfWork`` for one use case on a world."""

    def __init__(self, world: World, context: Context, now: datetime) -> None:
        self._world = world
        self._context = context
        self._now = now
        self._open: dict[UUID, Aggregate] = {}
        self.facts: list[Fact] = []
        self.sent: list[Sent] = []
        self.timers: dict[tuple[UUID, str], TimerSet | None] = {}
        self.claims: dict[tuple[str, str], UUID | None] = {}
        self.statements: list[tuple[str, tuple[Any, ...]]] = []
        self._released: set[tuple[str, str]] = set()
        """Released before any is claimed, so a key may be in both."""

    @property
    def context(self) -> Context:
        return self._context

    @property
    def now(self) -> datetime:
        return self._now

    def create(self, kind: type[A], fresh_id: UUID) -> A:
        aggregate = kind.empty(fresh_id)
        aggregate.decide_at(self._now)
        self._open[fresh_id] = aggregate
        return aggregate

    async def preload(self, wanted: Iterable[tuple[type[Aggregate], UUID]]) -> None:
        """Does nothing: everything is in memory."""

    def assume_absent(self, kind: type[Aggregate], aggregate_id: UUID) -> None:
        """Does nothing: a look-up is free."""

    async def open(self, kind: type[A], aggregate_id: UUID) -> A:
        return (await self.open_many(kind, (aggregate_id,)))[aggregate_id]

    async def open_many(self, kind: type[A], ids: Iterable[UUID]) -> dict[UUID, A]:
        found: dict[UUID, A] = {}
        for it in ids:
            if it not in self._open:
                self._open[it] = kind.empty(it)
                self._open[it].decide_at(self._now)
                for fact in self._world.past[it]:
                    fact.mutate(self._open[it])
            aggregate = self._open[it]
            if not isinstance(aggregate, kind):
                raise TypeError(f"stream {it} is a {type(aggregate).__name__}, not a {kind.__name__}")
            found[it] = aggregate
        return found

    def send(self, command: Command, key: UUID) -> None:
        self.sent.append(Sent(command, key))

    def set_timer(
        self,
        kind: str,
        subject: UUID,
        due_at: datetime,
        payload: Mapping[str, Any] | None = None,
        *,
        target: str = "",
    ) -> None:
        self.timers[subject, kind] = TimerSet(kind, subject, due_at, payload or {}, target)

    def cancel_timer(self, kind: str, subject: UUID) -> None:
        self.timers[subject, kind] = None

    def execute(self, statement: str, *arguments: Any) -> None:
        self.statements.append((statement, arguments))

    async def fetch(self, statement: str, *arguments: Any) -> list[dict[str, Any]]:
        return self._world.rows.get((statement, arguments), [])

    def draw_number(self, series: Series) -> str:
        drawn = self._world.drawn[series] = self._world.drawn.get(series, 0) + 1
        return series.show(drawn)

    def claim_key(self, kind: str, value: str, holder: UUID) -> None:
        self.claims[kind, value] = holder

    async def try_claim_key(self, kind: str, value: str, holder: UUID) -> UUID | None:
        first = await self.owner_of_key(kind, value)
        if first is None:
            self.claim_key(kind, value, holder)
        return first

    def release_key(self, kind: str, value: str) -> None:
        self.claims[kind, value] = None
        self._released.add((kind, value))

    async def owner_of_key(self, kind: str, value: str) -> UUID | None:
        return self.claims.get((kind, value), self._world.claims.get((kind, value)))

    async def owners_of_keys(self, kind: str, values: Iterable[str]) -> dict[str, UUID]:
        owners = {value: await self.owner_of_key(kind, value) for value in values}
        return {value: owner for value, owner in owners.items() if owner is not None}

    async def preload_keys(self, keys: Iterable[tuple[str, str]]) -> None:
        """Does nothing: everything is in memory."""

    async def keys_with_prefix(self, kind: str, prefix: str) -> dict[str, UUID]:
        held = {**self._world.claims, **self.claims}
        values = [value for of, value in held if of == kind and value.startswith(prefix)]
        return await self.owners_of_keys(kind, values)

    def commit(self) -> None:
        """Add the facts to the world as they would be stored and read again."""
        for (kind, value), holder in self.claims.items():
            taken_by = self._world.claims.get((kind, value))
            if holder is not None and taken_by is not None and (kind, value) not in self._released:
                raise KeyClaimed(kind, value, taken_by)
        for (kind, value), holder in self.claims.items():
            if holder is None:
                self._world.claims.pop((kind, value), None)
            else:
                self._world.claims[kind, value] = holder
        for aggregate in self._open.values():
            for event in aggregate.collect_events():
                if isinstance(event, Fact):
                    self.facts.append(self._stored(event))
        for fact in self.facts:
            self._world.record(fact)

    def _stored(self, fact: Fact) -> Fact:
        where = fact.originator_id, fact.originator_version
        return read_fact(fact.TYPE, fact.SCHEMA_VERSION, fact.body(), *where, self._now, self._world.messages)
