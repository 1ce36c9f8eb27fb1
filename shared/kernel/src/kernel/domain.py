"""Base classes of the domain: aggregates, and refusals of business rules."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from eventsourcing.domain import BaseAggregate

from contracts.envelope import Fact

UTC_MIN = datetime.min.replace(tzinfo=UTC)


FieldPath = tuple[str | int, ...]
"""Names of fields and indices of lists, from the outermost to the field."""


class Refused(Exception):
    """A business rule refuses a request; subclasses are named after the rule.

    ``code`` identifies the rule in public interfaces; a class that stands for several codes sets it on
    its instances. ``members`` are further data for the caller; ``field`` is the path of the input field that
    broke the rule, as ``("rows", 0, "name")``; ``faults`` are several such fields, each with its own detail.
    """

    code: str

    def __init__(
        self,
        detail: str,
        *,
        field: FieldPath = (),
        faults: Mapping[FieldPath, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.faults = faults or ({field: detail} if field else {})
        self.members = members


class NotFound(Refused):
    """The aggregate does not exist, or it belongs to another tenant: callers cannot tell the two apart."""

    code = "NOT_FOUND"


class Aggregate(BaseAggregate[UUID]):
    """Methods decide; ``evolve`` alone changes state. An aggregate without facts is at version 0."""

    CREATED_BY: ClassVar[str | None] = None
    """The type of the first fact, for kinds that callers name by id: a stream that begins with another fact
    belongs to another kind, and there is no such aggregate."""
    KEPT_IN_MEMORY: ClassVar[bool] = True
    """False for kinds that nothing reads again: they would take the place of others in the cache."""
    _now: datetime | None = None

    @classmethod
    def empty(cls, aggregate_id: UUID) -> Self:
        aggregate = cls.__new__(cls)
        aggregate.__base_init__(originator_id=aggregate_id, originator_version=0, timestamp=UTC_MIN)
        aggregate.initialise()
        return aggregate

    def decide_at(self, now: datetime) -> None:
        """The time of the facts that are recorded from here on: that of the unit of work, as in the log."""
        self._now = now

    def record(self, fact: Fact) -> None:
        """Append a fact to the stream: the next version, applied to the state, pending until the commit.

        This is ``BaseAggregate.trigger_event`` for a fact that its own typed constructor has checked.
        Raises ``RuntimeError`` if the fact has been recorded already.
        """
        fact.stamp(self.id, self.version + 1, self._now)
        fact.mutate(self)
        self.pending_events.append(fact)

    @property
    def exists(self) -> bool:
        return self.version > 0

    @abstractmethod
    def initialise(self) -> None:
        """Set the state before the first fact."""

    @abstractmethod
    def evolve(self, fact: Any) -> None:
        """Change state by one fact; never refuses."""
