"""Rows by key, for lists and details: each subject has rows of its own, with typed columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias

from kernel.messaging.inbound import InboundMessage
from kernel.projections.folding import F, FoldingModel, RowKey, S, SubjectStates
from kernel.projections.model import Apply, ModelTable, unnest
from kernel.store.writing import Connection, columns

RowValues: TypeAlias = "tuple[Any, ...]"
"""In the order of ``RowModel.columns``, as asyncpg takes them for the columns' types."""


@dataclass(frozen=True, kw_only=True)
class RowModel(FoldingModel[S, F]):
    keys: Mapping[str, str]
    """Key columns of a row and their SQL types; ``tenant`` precedes them."""
    columns: Mapping[str, str]
    """The other columns and their SQL types."""
    rows: Callable[[S], Mapping[RowKey, RowValues]]
    """The rows of a subject in this state. A key belongs to one subject alone; a row that a state no longer
    has is deleted."""

    @property
    def tables(self) -> tuple[ModelTable, ...]:
        return ModelTable(self.name, ("tenant", *self.keys), tuple(self.columns)), self.subject_table

    def applier(self) -> Apply:
        return Replacing(self).apply


class Replacing(Generic[S]):
    def __init__(self, model: RowModel[S, Any]) -> None:
        self._model = model
        self._subjects = SubjectStates(model)
        self._insert, self._update, self._delete = _statements(model)

    async def apply(self, batch: Sequence[InboundMessage], connection: Connection) -> None:
        states = await self._subjects.load(batch, connection)
        before = {key: dict(self._model.rows(state)) for key, state in states.items()}
        self._subjects.fold(states, batch)
        new: list[tuple[Any, ...]] = []
        changed: list[tuple[Any, ...]] = []
        gone: list[tuple[Any, ...]] = []
        for key, state in states.items():
            tenant, after = key[0], self._model.rows(state)
            for row, values in after.items():
                if row not in before[key]:
                    new.append((tenant, *row, *values))
                elif before[key][row] != values:
                    changed.append((tenant, *row, *values))
            gone += ((tenant, *row) for row in before[key].keys() - after.keys())
        await self._subjects.store(states, connection)
        await self._replace(new, changed, gone, connection)

    # failpoint: none needed (consumer-batch), 2 calls
    async def _replace(
        self,
        new: list[tuple[Any, ...]],
        changed: list[tuple[Any, ...]],
        gone: list[tuple[Any, ...]],
        connection: Connection,
    ) -> None:
        """The locked subjects keep others from these rows."""
        keys = 1 + len(self._model.keys)
        if gone:
            await connection.execute(self._delete, *columns(sorted(gone)))
        for statement, rows in ((self._insert, new), (self._update, changed)):
            if rows:
                await connection.execute(statement, *columns(sorted(rows, key=lambda row: row[:keys])))


def _statements(model: RowModel[S, Any]) -> tuple[str, str, str]:
    """Insert, update and delete rows. ON CONFLICT would write another record to the WAL for each row."""
    keys = {"tenant": "text", **model.keys}
    all_columns = {**keys, **model.columns}
    same_key = f"({', '.join(f't.{key}' for key in keys)}) = ({', '.join(f'v.{key}' for key in keys)})"
    insert = f"""
        INSERT INTO {model.table} ({", ".join(all_columns)}) SELECT * FROM {unnest([*all_columns.values()])}
    """  # noqa: S608  # table names are constants
    update = f"""
        UPDATE {model.table} t SET {", ".join(f"{column} = v.{column}" for column in model.columns)}
        FROM {unnest([*all_columns.values()])} AS v ({", ".join(all_columns)}) WHERE {same_key}
    """  # noqa: S608  # table names are constants
    delete = f"""
        DELETE FROM {model.table} t USING {unnest([*keys.values()])} AS v ({", ".join(keys)}) WHERE {same_key}
    """  # noqa: S608  # table names are constants
    return insert, update, delete
