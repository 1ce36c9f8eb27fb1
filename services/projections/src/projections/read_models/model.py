"""What a read model is made of: what it remembers of each subject, and the table that people query.

A subject is what facts are about: a checkout, an order. Its state is folded fact by fact, and what it
contributes to the table follows from the state alone; so the facts of different topics may come in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Generic, TypeAlias, TypeVar
from uuid import UUID

from pydantic import BaseModel

from contracts.envelope import Fact

S = TypeVar("S", bound=BaseModel)
F = TypeVar("F", bound=Fact)

RowKey: TypeAlias = "tuple[date | str | UUID, ...]"
"""The key of a row of the table, without its tenant."""
Measures: TypeAlias = "tuple[int, ...]"
"""What one subject adds to the figures of a row."""
RowDeltas: TypeAlias = "Mapping[RowKey, Measures]"


@dataclass(frozen=True)
class ReadModel(Generic[S, F]):
    """Every statement about a read model takes the names of its tables from here."""

    name: str
    version: int
    facts: tuple[type[F], ...]
    keys: Mapping[str, str]
    """The columns of a cell, with their types; ``tenant`` stands before them."""
    measures: tuple[str, ...]
    state: type[S]
    subject: Callable[[F], UUID]
    fold: Callable[[S, F, datetime], None]
    """Change the state by a fact that occurred at that time."""
    contributions: Callable[[S], RowDeltas]
    schema: str = "public"

    @property
    def table(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def subjects(self) -> str:
        return f"{self.schema}.{self.name}_subject"

    @property
    def progress(self) -> str:
        return f"{self.schema}.read_model_state"

    def shadow(self) -> ReadModel[S, F]:
        """The same in tables of its own, which only the session that makes them can see."""
        return replace(self, schema="pg_temp")

    @property
    def scope(self) -> str:
        return f"projections.{self.name}"

    @property
    def types(self) -> frozenset[str]:
        return frozenset(it.TYPE for it in self.facts)


def day_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def summed(parts: Sequence[tuple[RowKey, Measures]]) -> dict[RowKey, Measures]:
    """Several contributions to the same cell are one."""
    whole: dict[RowKey, Measures] = {}
    for cell, figures in parts:
        known = whole.get(cell)
        whole[cell] = tuple(map(sum, zip(known, figures, strict=True))) if known else figures
    return whole
