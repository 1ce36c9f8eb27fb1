"""Bring a read model up to date by one batch: a few statements, however many facts it holds.

All of it happens in the batch's transaction, together with the consumer's offsets. Rows are locked in the
order of their keys, so that replicas never wait for each other in a circle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import UUID

from pydantic import BaseModel

from contracts.envelope import Fact
from kernel.faults import failpoints
from kernel.messaging.received import Received
from kernel.store.session import Session
from kernel.store.writing import Connection, columns
from projections.adapters.checkpoint import advance_checkpoint
from projections.read_models.model import Measures, ReadModel, RowDeltas, RowKey

S = TypeVar("S", bound=BaseModel)
Subject: TypeAlias = "tuple[str, UUID]"
"""Its tenant and its id."""
Row: TypeAlias = "tuple[str, RowKey]"


class Projector(Generic[S]):
    """Fulfils ``kernel.messaging.batch.Handler`` for one read model."""

    def __init__(self, model: ReadModel[S, Any]) -> None:
        self._model = model
        self.scope = model.scope
        self.types = model.types
        self._meet, self._load, self._store = _subject_statements(model)
        self._add = _add_statement(model)

    async def handle(self, batch: Sequence[Received], session: Session, connection: Connection) -> None:  # noqa: ARG002  # nothing follows from a read model
        await self.apply(batch, connection)
        failpoints.active and await failpoints.reach("projection.after_apply")

    async def apply(self, batch: Sequence[Received], connection: Connection) -> None:
        told = [(it, it.fact()) for it in batch]
        states = await self._load_states({self._subject(it, fact) for it, fact in told}, connection)
        before = {key: self._model.contributions(state) for key, state in states.items()}
        for it, fact in told:
            self._model.fold(states[self._subject(it, fact)], fact, it.time)
        changes: dict[Row, Measures] = {}
        for key, state in states.items():
            _compare(changes, key[0], before[key], self._model.contributions(state))
        await self._store_states(states, connection)
        await self._add_deltas(changes, connection)
        await advance_checkpoint(self._model, batch, connection)

    def _subject(self, it: Received, fact: Fact) -> Subject:
        return it.tenant, self._model.subject(fact)

    # failpoint: none needed (consumer-batch), 2 calls
    async def _load_states(self, keys: set[Subject], connection: Connection) -> dict[Subject, S]:
        ordered: list[Subject] = sorted(keys, key=_in_key_order)
        wanted = columns(ordered)
        await connection.execute(self._meet, *wanted)
        rows = await connection.fetch(self._load, *wanted)
        parse = self._model.state.model_validate
        return {(row["tenant"], row["subject_id"]): parse(row["state"]) for row in rows}

    # failpoint: none needed (consumer-batch)
    async def _store_states(self, states: Mapping[Subject, S], connection: Connection) -> None:
        rows = [(tenant, it, state.model_dump(mode="json")) for (tenant, it), state in states.items()]
        await connection.execute(self._store, *columns(rows))

    # failpoint: none needed (consumer-batch)
    async def _add_deltas(self, changes: Mapping[Row, Measures], connection: Connection) -> None:
        rows = sorted((tenant, *cell, *by) for (tenant, cell), by in changes.items() if any(by))
        if rows:
            await connection.execute(self._add, *columns(rows))


def _in_key_order(subject: Subject) -> tuple[str, int]:
    """As PostgreSQL sorts them; comparing UUIDs themselves takes ten times as long."""
    return subject[0], subject[1].int


def _compare(changes: dict[Row, Measures], tenant: str, before: RowDeltas, after: RowDeltas) -> None:
    """Add, cell by cell, by how much a subject's contribution has changed."""
    for sign, contributions in ((-1, before), (1, after)):
        for cell, figures in contributions.items():
            known = changes.get((tenant, cell), (0,) * len(figures))
            changes[tenant, cell] = tuple(a + sign * b for a, b in zip(known, figures, strict=True))


def _subject_statements(model: ReadModel[S, Any]) -> tuple[str, str, str]:
    """Begin those that are new; lock and read all; write them back."""
    meet = f"""
        INSERT INTO {model.subjects} (tenant, subject_id, state)
        SELECT tenant, subject_id, '{{}}' FROM unnest($1::text[], $2::uuid[]) AS v (tenant, subject_id)
        ORDER BY tenant, subject_id ON CONFLICT DO NOTHING
    """  # noqa: S608  # names of ours
    load = f"""
        SELECT tenant, subject_id, state FROM {model.subjects} s
        JOIN unnest($1::text[], $2::uuid[]) AS v (tenant, subject_id) USING (tenant, subject_id)
        ORDER BY tenant, subject_id FOR UPDATE OF s
    """  # noqa: S608  # names of ours
    store = f"""
        UPDATE {model.subjects} s SET state = v.state
        FROM unnest($1::text[], $2::uuid[], $3::jsonb[]) AS v (tenant, subject_id, state)
        WHERE s.tenant = v.tenant AND s.subject_id = v.subject_id
    """  # noqa: S608  # names of ours
    return meet, load, store


def _add_statement(model: ReadModel[S, Any]) -> str:
    keys = {"tenant": "text", **model.keys}
    kinds = [*keys.values(), *("bigint" for _ in model.measures)]
    arrays = ", ".join(f"${n}::{kind}[]" for n, kind in enumerate(kinds, 1))
    sums = ", ".join(f"{it} = t.{it} + excluded.{it}" for it in model.measures)
    return f"""
        INSERT INTO {model.table} AS t ({", ".join((*keys, *model.measures))})
        SELECT * FROM unnest({arrays})
        ON CONFLICT ({", ".join(keys)}) DO UPDATE SET {sums}
    """  # noqa: S608  # names of ours
