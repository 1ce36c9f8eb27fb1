"""What a use case may ask of the world: find aggregates, and leave things behind with the commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from contracts.envelope import Command
from kernel.context import Context
from kernel.domain import Aggregate

A = TypeVar("A", bound=Aggregate)


class UnitOfWork(Protocol):
    """One unit of work. What its aggregates have decided, the commands, timers and claims are stored
    together by whoever opened it, or not at all."""

    @property
    def context(self) -> Context: ...

    @property
    def now(self) -> datetime:
        """The database's time: what every deadline goes by."""

    def create(self, kind: type[A], fresh_id: UUID) -> A:
        """A new aggregate under an id that was made just now: there is nothing to be read."""

    async def open(self, kind: type[A], aggregate_id: UUID) -> A:
        """The aggregate; at version 0 where the tenant has none of that id yet."""

    async def open_many(self, kind: type[A], ids: Iterable[UUID]) -> dict[UUID, A]: ...

    async def preload(self, wanted: Iterable[tuple[type[Aggregate], UUID]]) -> None:
        """Read what will be opened, of whatever kinds, all at once."""

    def assume_absent(self, kind: type[Aggregate], aggregate_id: UUID) -> None:
        """There will hardly be one of this id: what is decided for it need not begin with reading it."""

    def send(self, command: Command, key: UUID) -> None:
        """Ask another service, in order with whatever else has that key."""

    def set_timer(
        self, kind: str, subject: UUID, due_at: datetime, payload: Mapping[str, Any] | None = None
    ) -> None:
        """One timer per kind and subject: setting it again moves it."""

    def cancel_timer(self, kind: str, subject: UUID) -> None: ...

    def claim_key(self, kind: str, value: str, holder: UUID) -> None:
        """Take a name that only one may hold. Raises at the commit if somebody has it: ``KeyClaimed``."""

    async def try_claim_key(self, kind: str, value: str, holder: UUID) -> UUID | None:
        """Take a name that hardly anybody will have, or tell who has it. It need not begin with a look:
        the commit may find that it was taken after all."""

    def release_key(self, kind: str, value: str) -> None: ...

    async def owner_of_key(self, kind: str, value: str) -> UUID | None:
        """Who holds the name now."""
