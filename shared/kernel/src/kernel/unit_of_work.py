"""Unit of work: what a use case may read, and what it decides, stored together by the commit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from contracts.envelope import Command
from kernel.context import Context
from kernel.domain import Aggregate
from kernel.numbering import Series

A = TypeVar("A", bound=Aggregate)


class UnitOfWork(Protocol):
    """Opens aggregates and collects decisions. The facts of its aggregates, the commands, timers and unique
    keys are stored together at the commit, or not at all; its opener commits."""

    @property
    def context(self) -> Context: ...

    @property
    def now(self) -> datetime:
        """The database's time, by which every deadline is decided."""

    def create(self, kind: type[A], fresh_id: UUID) -> A:
        """An empty aggregate under an id that was just made: nothing is read."""

    async def open(self, kind: type[A], aggregate_id: UUID) -> A:
        """The aggregate; at version 0 if the tenant has none with that id."""

    async def open_many(self, kind: type[A], ids: Iterable[UUID]) -> dict[UUID, A]: ...

    async def preload(self, keys: Iterable[tuple[type[Aggregate], UUID]]) -> None:
        """Read with one query aggregates of any kinds that will be opened."""

    def assume_absent(self, kind: type[Aggregate], aggregate_id: UUID) -> None:
        """Open the aggregate later without reading it first, because it probably does not exist. The commit
        finds out if it does."""

    def send(self, command: Command, key: UUID) -> None:
        """Send a command to another service, in order with all messages of the same ``key``."""

    def set_timer(
        self,
        kind: str,
        subject: UUID,
        due_at: datetime,
        payload: Mapping[str, Any] | None = None,
        *,
        target: str = "",
    ) -> None:
        """There is one timer for each kind and subject: setting it again moves it. ``target``: the system to
        which the outbound call goes for which the timer stands."""

    def cancel_timer(self, kind: str, subject: UUID) -> None: ...

    def claim_key(self, kind: str, value: str, holder: UUID) -> None:
        """Claim a unique key. The commit raises ``KeyClaimed`` if the key has an owner already."""

    async def try_claim_key(self, kind: str, value: str, holder: UUID) -> UUID | None:
        """Claim a unique key that is probably free; returns its owner if it is not. The key need not be read
        first: then the commit raises ``KeyClaimed``."""

    def release_key(self, kind: str, value: str) -> None: ...

    def execute(self, statement: str, *arguments: Any) -> None:
        """Run a statement on a table of the service's own with the commit. It must not fail: what is repeated
        changes nothing."""

    async def fetch(self, statement: str, *arguments: Any) -> list[dict[str, Any]]:
        """Rows of tables of the service's own, as of now: the commit does not compare them. On a caller's
        behalf only the tenant's rows are seen."""

    def draw_number(self, series: Series) -> str:
        """The placeholder of the next number of a series, which the commit draws: facts carry it until then.
        An aggregate that keeps it must not be kept in memory."""

    async def owner_of_key(self, kind: str, value: str) -> UUID | None:
        """The aggregate that holds the key now."""

    async def owners_of_keys(self, kind: str, values: Iterable[str]) -> dict[str, UUID]:
        """The owners of those of the keys that are held now, by value, with one query."""

    async def preload_keys(self, keys: Iterable[tuple[str, str]]) -> None:
        """Read with one query the owners of keys, by kind and value, that will be asked for."""

    async def keys_with_prefix(self, kind: str, prefix: str) -> dict[str, UUID]:
        """The keys that begin with ``prefix`` and are held now, with their owners."""
