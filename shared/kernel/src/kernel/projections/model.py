"""A read model: a folded state for each subject, and the aggregated table that queries read.

A subject is what facts are about, such as one process or one account. Its state is folded fact by fact. Its
contribution to the table is a function of the state alone, so the facts of different topics may arrive
in any sequence.
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
"""The key of a table row without its tenant, in the order of ``ReadModel.keys``."""
Measures: TypeAlias = "tuple[int, ...]"
"""What is added to the sums of a row, in the order of ``ReadModel.measures``."""
RowDeltas: TypeAlias = "Mapping[RowKey, Measures]"


@dataclass(frozen=True)
class ReadModel(Generic[S, F]):
    """Every statement about a read model takes the names of its tables from here."""

    name: str
    version: int
    facts: tuple[type[F], ...]
    keys: Mapping[str, str]
    """Key columns of a row and their SQL types; ``tenant`` precedes them."""
    measures: tuple[str, ...]
    """Columns that hold sums, all of type bigint."""
    state: type[S]
    subject: Callable[[F], UUID]
    fold: Callable[[S, F, datetime], None]
    """Update the state in place with a fact and the time at which it occurred."""
    contributions: Callable[[S], RowDeltas]
    """What a subject in this state adds to the table."""
    schema: str = "public"

    @property
    def table(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def subjects(self) -> str:
        return f"{self.schema}.{self.name}_subject"

    @property
    def checkpoints(self) -> str:
        return f"{self.schema}.read_model_state"

    def shadow(self) -> ReadModel[S, F]:
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


def summed(parts: Sequence[tuple[RowKey, Measures]]) -> dict[RowKey, Measures]:
    """Add up the parts that belong to the same row."""
    sums: dict[RowKey, Measures] = {}
    for key, measures in parts:
        known = sums.get(key)
        sums[key] = tuple(map(sum, zip(known, measures, strict=True))) if known else measures
    return sums
