"""Counters by key: each subject contributes to sums, and a batch adds what its contributions have changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias

from kernel.messaging.inbound import InboundMessage
from kernel.projections.folding import F, FoldingModel, RowKey, S, SubjectStates
from kernel.projections.model import Apply, ModelTable, unnest
from kernel.store.writing import Connection, columns

Measures: TypeAlias = "tuple[int, ...]"
"""What is added to the sums of a row, in the order of ``CounterModel.measures``."""
RowDeltas: TypeAlias = "Mapping[RowKey, Measures]"
TenantRow: TypeAlias = "tuple[str, RowKey]"


@dataclass(frozen=True, kw_only=True)
class CounterModel(FoldingModel[S, F]):
    measures: tuple[str, ...]
    """Columns that hold sums, all of type bigint."""
    contributions: Callable[[S], RowDeltas]
    """What a subject in this state adds to the table."""

    @property
    def tables(self) -> tuple[ModelTable, ...]:
        """Rows whose sums are all 0 are not compared: whether they exist depends on how facts were cut into
        batches."""
        any_measure = " OR ".join(f"{measure} <> 0" for measure in self.measures)
        rows = ModelTable(self.name, ("tenant", *self.keys), self.measures, any_measure)
        return rows, self.subject_table

    def applier(self) -> Apply:
        return Counting(self).apply


class Counting(Generic[S]):
    def __init__(self, model: CounterModel[S, Any]) -> None:
        self._model = model
        self._subjects = SubjectStates(model)
        self._add = _add_statement(model)

    async def apply(self, batch: Sequence[InboundMessage], connection: Connection) -> None:
        states = await self._subjects.load(batch, connection)
        before = {key: self._model.contributions(state) for key, state in states.items()}
        self._subjects.fold(states, batch)
        deltas: dict[TenantRow, Measures] = {}
        for key, state in states.items():
            _add_difference(deltas, key[0], before[key], self._model.contributions(state))
        await self._subjects.store(states, connection)
        await self._add_deltas(deltas, connection)

    # failpoint: none needed (consumer-batch)
    async def _add_deltas(self, deltas: Mapping[TenantRow, Measures], connection: Connection) -> None:
        rows = sorted((tenant, *key, *delta) for (tenant, key), delta in deltas.items() if any(delta))
        if rows:
            await connection.execute(self._add, *columns(rows))


def summed(parts: Sequence[tuple[RowKey, Measures]]) -> dict[RowKey, Measures]:
    """Add up the parts that belong to the same row."""
    sums: dict[RowKey, Measures] = {}
    for key, measures in parts:
        known = sums.get(key)
        sums[key] = tuple(map(sum, zip(known, measures, strict=True))) if known else measures
    return sums


def _add_difference(
    deltas: dict[TenantRow, Measures], tenant: str, before: RowDeltas, after: RowDeltas
) -> None:
    """Add ``after - before`` of one subject to ``deltas``, row by row."""
    for sign, contributions in ((-1, before), (1, after)):
        for key, measures in contributions.items():
            sums = deltas.get((tenant, key), (0,) * len(measures))
            deltas[tenant, key] = tuple(a + sign * b for a, b in zip(sums, measures, strict=True))


def _add_statement(model: CounterModel[S, Any]) -> str:
    keys = {"tenant": "text", **model.keys}
    sums = ", ".join(f"{measure} = t.{measure} + excluded.{measure}" for measure in model.measures)
    return f"""
        INSERT INTO {model.table} AS t ({", ".join((*keys, *model.measures))})
        SELECT * FROM {unnest([*keys.values(), *("bigint" for _ in model.measures)])}
        ON CONFLICT ({", ".join(keys)}) DO UPDATE SET {sums}
    """  # noqa: S608  # table names are constants
