"""A read model: what it is called, what it is built from, which tables it has, and how it applies a batch.

There are three kinds: ``counters.CounterModel``, ``rows.RowModel`` and ``set_based.SetBasedModel``. The
projector, rebuilds, verifications and the diff know only this class.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import NamedTuple, Self, TypeAlias

from contracts.envelope import Fact
from kernel.messaging.inbound import InboundMessage
from kernel.store.writing import Connection

Apply: TypeAlias = "Callable[[Sequence[InboundMessage], Connection], Awaitable[None]]"
"""Applies a batch, in its transaction, with a constant number of statements."""


class ModelTable(NamedTuple):
    """A table that a rebuild fills again and compares; ``tenant`` is the first key."""

    name: str
    keys: tuple[str, ...]
    values: tuple[str, ...]
    condition: str = "true"
    """SQL condition that selects the rows to compare."""


@dataclass(frozen=True, kw_only=True)
class ReadModel(ABC):
    """Every statement about a read model takes the names of its tables from here."""

    name: str
    version: int
    facts: tuple[type[Fact], ...]
    selective: bool = False
    """See ``kernel.messaging.own_streams``. A new version with facts of another family is safe: its rebuild
    reads from the beginning."""
    schema: str = "public"

    @property
    @abstractmethod
    def tables(self) -> tuple[ModelTable, ...]:
        """All of its tables."""

    @abstractmethod
    def applier(self) -> Apply:
        """What applies batches to these tables. The result must not depend on how facts are cut into batches,
        nor on the sequence of facts of different streams."""

    def qualified(self, table: str) -> str:
        return f"{self.schema}.{table}"

    @property
    def table(self) -> str:
        """The first one."""
        return self.qualified(self.tables[0].name)

    @property
    def checkpoints(self) -> str:
        return self.qualified("read_model_state")

    def shadow(self) -> Self:
        """The same model on temporary tables, which only the session that creates them can see."""
        return replace(self, schema="pg_temp")

    @property
    def scope(self) -> str:
        return f"projections.{self.name}"

    @property
    def types(self) -> frozenset[str]:
        return frozenset(fact.TYPE for fact in self.facts)


def day_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def unnest(types: Sequence[str]) -> str:
    """SQL: the columns of a batch as one parameter each, from $1 on."""
    return f"unnest({', '.join(f'${n}::{type_}[]' for n, type_ in enumerate(types, 1))})"
