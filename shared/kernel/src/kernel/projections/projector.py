"""Apply a batch of facts to one read model, with a constant number of statements per batch.

Everything happens in the consumer's batch transaction, together with the consumer offsets. Rows are locked in
the order of their keys, so that replicas cannot deadlock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import UUID

from pydantic import BaseModel

from contracts.envelope import Fact
from kernel.faults import failpoints
from kernel.messaging.inbound import InboundMessage
from kernel.projections.checkpoint import advance_checkpoint
from kernel.projections.model import Measures, ReadModel, RowDeltas, RowKey
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection, columns

S = TypeVar("S", bound=BaseModel)
SubjectKey: TypeAlias = "tuple[str, UUID]"
"""Tenant and subject id."""
TenantRow: TypeAlias = "tuple[str, RowKey]"


class Projector(Generic[S]):
    """Implements ``kernel.messaging.batch.Handler`` for one read model."""

    def __init__(self, model: ReadModel[S, Any]) -> None:
        self._model = model
        self.scope = model.scope
        self.types = model.types
        self._insert_new, self._lock_and_load, self._update = _subject_statements(model)
        self._add = _add_statement(model)

    async def handle(
        self,
        batch: Sequence[InboundMessage],
        work: PgUnitOfWork,  # noqa: ARG002  # a read model issues no commands
        connection: Connection,
    ) -> None:
        await self.apply(batch, connection)
        failpoints.active and await failpoints.hit("projection.after_apply")

    async def apply(self, batch: Sequence[InboundMessage], connection: Connection) -> None:
        facts = [(message, message.fact()) for message in batch]
        states = await self._load_states({self._key(message, fact) for message, fact in facts}, connection)
        before = {key: self._model.contributions(state) for key, state in states.items()}
        for message, fact in facts:
            self._model.fold(states[self._key(message, fact)], fact, message.time)
        deltas: dict[TenantRow, Measures] = {}
        for key, state in states.items():
            _add_difference(deltas, key[0], before[key], self._model.contributions(state))
        await self._store_states(states, connection)
        await self._add_deltas(deltas, connection)
        await advance_checkpoint(self._model, batch, connection)

    def _key(self, message: InboundMessage, fact: Fact) -> SubjectKey:
        return message.tenant, self._model.subject(fact)

    # failpoint: none needed (consumer-batch), 2 calls
    async def _load_states(self, keys: set[SubjectKey], connection: Connection) -> dict[SubjectKey, S]:
        ordered: list[SubjectKey] = sorted(keys, key=_sort_key)
        arguments = columns(ordered)
        await connection.execute(self._insert_new, *arguments)
        rows = await connection.fetch(self._lock_and_load, *arguments)
        parse = self._model.state.model_validate
        return {(row["tenant"], row["subject_id"]): parse(row["state"]) for row in rows}

    # failpoint: none needed (consumer-batch)
    async def _store_states(self, states: Mapping[SubjectKey, S], connection: Connection) -> None:
        rows = [
            (tenant, subject_id, state.model_dump(mode="json"))
            for (tenant, subject_id), state in states.items()
        ]
        await connection.execute(self._update, *columns(rows))

    # failpoint: none needed (consumer-batch)
    async def _add_deltas(self, deltas: Mapping[TenantRow, Measures], connection: Connection) -> None:
        rows = sorted((tenant, *key, *delta) for (tenant, key), delta in deltas.items() if any(delta))
        if rows:
            await connection.execute(self._add, *columns(rows))


def _sort_key(subject: SubjectKey) -> tuple[str, int]:
    """PostgreSQL's order of (text, uuid). Comparing ``UUID`` objects directly is ten times slower."""
    return subject[0], subject[1].int


def _add_difference(
    deltas: dict[TenantRow, Measures], tenant: str, before: RowDeltas, after: RowDeltas
) -> None:
    """Add ``after - before`` of one subject to ``deltas``, row by row."""
    for sign, contributions in ((-1, before), (1, after)):
        for key, measures in contributions.items():
            sums = deltas.get((tenant, key), (0,) * len(measures))
            deltas[tenant, key] = tuple(a + sign * b for a, b in zip(sums, measures, strict=True))


def _subject_statements(model: ReadModel[S, Any]) -> tuple[str, str, str]:
    """Insert missing subjects; lock and load all of the batch; store their new states."""
    insert_new = f"""
        INSERT INTO {model.subjects} (tenant, subject_id, state)
        SELECT tenant, subject_id, '{{}}' FROM unnest($1::text[], $2::uuid[]) AS v (tenant, subject_id)
        ORDER BY tenant, subject_id ON CONFLICT DO NOTHING
    """  # noqa: S608  # table names are constants
    lock_and_load = f"""
        SELECT tenant, subject_id, state FROM {model.subjects} s
        JOIN unnest($1::text[], $2::uuid[]) AS v (tenant, subject_id) USING (tenant, subject_id)
        ORDER BY tenant, subject_id FOR UPDATE OF s
    """  # noqa: S608  # table names are constants
    update = f"""
        UPDATE {model.subjects} s SET state = v.state
        FROM unnest($1::text[], $2::uuid[], $3::jsonb[]) AS v (tenant, subject_id, state)
        WHERE s.tenant = v.tenant AND s.subject_id = v.subject_id
    """  # noqa: S608  # table names are constants
    return insert_new, lock_and_load, update


def _add_statement(model: ReadModel[S, Any]) -> str:
    keys = {"tenant": "text", **model.keys}
    types = [*keys.values(), *("bigint" for _ in model.measures)]
    arrays = ", ".join(f"${n}::{type_}[]" for n, type_ in enumerate(types, 1))
    sums = ", ".join(f"{measure} = t.{measure} + excluded.{measure}" for measure in model.measures)
    return f"""
        INSERT INTO {model.table} AS t ({", ".join((*keys, *model.measures))})
        SELECT * FROM unnest({arrays})
        ON CONFLICT ({", ".join(keys)}) DO UPDATE SET {sums}
    """  # noqa: S608  # table names are constants
