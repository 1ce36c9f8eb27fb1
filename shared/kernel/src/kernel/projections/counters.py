"""Counters by key: each subject contributes to sums, and a batch adds what its contributions have changed.

A model is a family: several tables may follow from one state, which is then loaded, folded and stored once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias

from kernel.messaging.inbound import InboundMessage
from kernel.projections.folding import F, FoldingModel, RowKey, S, SubjectKey, SubjectStates
from kernel.projections.model import Apply, ModelTable, unnest
from kernel.store.writing import Connection, columns

Measures: TypeAlias = "tuple[int, ...]"
"""What is added to the sums of a row, in the order of ``CounterTable.measures``."""
RowDeltas: TypeAlias = "Mapping[RowKey, Measures]"
TenantRow: TypeAlias = "tuple[str, RowKey]"


@dataclass(frozen=True, kw_only=True)
class CounterTable(Generic[S]):
    name: str
    keys: Mapping[str, str]
    """Key columns of a row and their SQL types; ``tenant`` precedes them."""
    measures: tuple[str, ...]
    """Columns that hold sums, all of type bigint."""
    contributions: Callable[[S], RowDeltas]
    """What a subject in this state adds to the table."""

    @property
    def compared(self) -> ModelTable:
        """Rows whose sums are all 0 are not compared: whether they exist depends on how facts were cut into
        batches."""
        any_measure = " OR ".join(f"{measure} <> 0" for measure in self.measures)
        return ModelTable(self.name, ("tenant", *self.keys), self.measures, any_measure)


@dataclass(frozen=True, kw_only=True)
class CounterModel(FoldingModel[S, F]):
    counters: tuple[CounterTable[S], ...]

    @property
    def tables(self) -> tuple[ModelTable, ...]:
        return *(counter.compared for counter in self.counters), self.subject_table

    def applier(self) -> Apply:
        return Counting(self).apply


class Counting(Generic[S]):
    def __init__(self, model: CounterModel[S, Any]) -> None:
        self._subjects = SubjectStates(model)
        self._tables = [
            (counter, _add_statement(model.qualified(counter.name), counter)) for counter in model.counters
        ]

    async def apply(self, batch: Sequence[InboundMessage], connection: Connection) -> None:
        states = await self._subjects.load(batch, connection)
        before = [self._contributions(counter, states) for counter, _ in self._tables]
        self._subjects.fold(states, batch)
        await self._subjects.store(states, connection)
        for (counter, add), contributed in zip(self._tables, before, strict=True):
            deltas = _differences(contributed, self._contributions(counter, states))
            await self._add(add, deltas, connection)

    @staticmethod
    def _contributions(
        counter: CounterTable[S], states: Mapping[SubjectKey, S]
    ) -> list[tuple[str, RowDeltas]]:
        """With the tenant of each subject."""
        return [(tenant, counter.contributions(state)) for (tenant, _), state in states.items()]

    # failpoint: none needed (consumer-batch)
    @staticmethod
    async def _add(statement: str, deltas: Mapping[TenantRow, Measures], connection: Connection) -> None:
        rows = sorted((tenant, *key, *delta) for (tenant, key), delta in deltas.items() if any(delta))
        if rows:
            await connection.execute(statement, *columns(rows))


def summed(parts: Sequence[tuple[RowKey, Measures]]) -> dict[RowKey, Measures]:
    """Add up the parts that belong to the same row."""
    sums: dict[RowKey, Measures] = {}
    for key, measures in parts:
        known = sums.get(key)
        sums[key] = tuple(map(sum, zip(known, measures, strict=True))) if known else measures
    return sums


def _differences(
    before: Sequence[tuple[str, RowDeltas]], after: Sequence[tuple[str, RowDeltas]]
) -> dict[TenantRow, Measures]:
    """``after - before``, row by row."""
    deltas: dict[TenantRow, Measures] = {}
    for sign, contributed in ((-1, before), (1, after)):
        for tenant, contributions in contributed:
            for key, measures in contributions.items():
                sums = deltas.get((tenant, key), (0,) * len(measures))
                deltas[tenant, key] = tuple(a + sign * b for a, b in zip(sums, measures, strict=True))
    return deltas


def _add_statement(table: str, counter: CounterTable[Any]) -> str:
    keys = {"tenant": "text", **counter.keys}
    sums = ", ".join(f"{measure} = t.{measure} + excluded.{measure}" for measure in counter.measures)
    return f"""
        INSERT INTO {table} AS t ({", ".join((*keys, *counter.measures))})
        SELECT * FROM {unnest([*keys.values(), *("bigint" for _ in counter.measures)])}
        ON CONFLICT ({", ".join(keys)}) DO UPDATE SET {sums}
    """  # noqa: S608  # table names are constants
