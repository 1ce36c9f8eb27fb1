"""Read models that fold a state for each subject, from which their rows follow.

A subject is what facts are about, such as one process or one account. Its state is folded fact by fact. Its
rows are a function of the state alone, so the facts of different topics may arrive in any sequence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import UUID

from pydantic import BaseModel

from contracts.envelope import Fact
from kernel.messaging.inbound import InboundMessage
from kernel.projections.model import ModelTable, ReadModel
from kernel.store.writing import Connection, columns

S = TypeVar("S", bound=BaseModel)
F = TypeVar("F", bound=Fact)

RowKey: TypeAlias = "tuple[date | str | UUID | int, ...]"
"""The key of a table row without its tenant, in the order of the table's ``keys``."""
SubjectKey: TypeAlias = "tuple[str, UUID]"
"""Tenant and subject id."""


@dataclass(frozen=True, kw_only=True)
class FoldingModel(ReadModel, Generic[S, F]):
    state: type[S]
    subject: Callable[[F], UUID]
    fold: Callable[[S, F, datetime, datetime], None]
    """Update the state in place with a fact, the time at which it occurred and the time at which it was
    recorded."""

    @property
    def subjects(self) -> str:
        return self.qualified(f"{self.name}_subject")

    @property
    def subject_table(self) -> ModelTable:
        return ModelTable(f"{self.name}_subject", ("tenant", "subject_id"), ("state",))


class SubjectStates(Generic[S]):
    """The states of a model's subjects. Rows are locked in the order of their keys, so that replicas cannot
    deadlock."""

    def __init__(self, model: FoldingModel[S, Any]) -> None:
        self._model = model
        self._insert_new, self._lock_and_load, self._update = _statements(model)

    def key(self, message: InboundMessage) -> SubjectKey:
        return message.tenant, self._model.subject(message.fact())

    def fold(self, states: Mapping[SubjectKey, S], batch: Sequence[InboundMessage]) -> None:
        for message in batch:
            state = states[self.key(message)]
            self._model.fold(state, message.fact(), message.time, message.recorded_at)

    # failpoint: none needed (consumer-batch), 2 calls
    async def load(self, batch: Sequence[InboundMessage], connection: Connection) -> dict[SubjectKey, S]:
        """Those of the batch's subjects; a new subject has an empty state."""
        keys = {self.key(message) for message in batch}
        ordered: list[SubjectKey] = sorted(keys, key=_sort_key)
        arguments = columns(ordered)
        await connection.execute(self._insert_new, *arguments)
        rows = await connection.fetch(self._lock_and_load, *arguments)
        parse = self._model.state.model_validate
        return {(row["tenant"], row["subject_id"]): parse(row["state"]) for row in rows}

    # failpoint: none needed (consumer-batch)
    async def store(self, states: Mapping[SubjectKey, S], connection: Connection) -> None:
        rows = [
            (tenant, subject_id, state.model_dump(mode="json"))
            for (tenant, subject_id), state in states.items()
        ]
        await connection.execute(self._update, *columns(rows))


def _sort_key(subject: SubjectKey) -> tuple[str, int]:
    """PostgreSQL's order of (text, uuid). Comparing ``UUID`` objects directly is ten times slower."""
    return subject[0], subject[1].int


def _statements(model: FoldingModel[S, Any]) -> tuple[str, str, str]:
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
