"""SQL over a whole batch, for read models that neither counters nor rows of subjects fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kernel.messaging.inbound import InboundMessage
from kernel.projections.model import Apply, ModelTable, ReadModel
from kernel.store.writing import Connection


@dataclass(frozen=True, kw_only=True)
class SetBasedModel(ReadModel):
    own_tables: tuple[ModelTable, ...]
    statements: tuple[str, ...]
    """Executed one after the other for each batch. ``{schema}`` stands for the schema of the model's tables;
    no other table may be read or written. $1 is the batch, a jsonb array of objects: ``nth`` (place in the
    batch), ``tenant``, ``type``, ``stream_id``, ``version``, ``occurred_at``, ``recorded_at`` and ``fact``.

    The rows must be the same however facts are cut into batches, and in any order of the streams; the
    facts of one stream come in their order. Rows must be written in the order of their keys, so that replicas
    cannot deadlock."""

    @property
    def tables(self) -> tuple[ModelTable, ...]:
        return self.own_tables

    def applier(self) -> Apply:
        statements = [statement.replace("{schema}", self.schema) for statement in self.statements]

        # failpoint: none needed (consumer-batch)
        async def apply(batch: Sequence[InboundMessage], connection: Connection) -> None:
            facts = [_fact(nth, message) for nth, message in enumerate(batch)]
            for statement in statements:
                await connection.execute(statement, facts)

        return apply


def _fact(nth: int, message: InboundMessage) -> dict[str, Any]:
    return {
        "nth": nth,
        "tenant": message.tenant,
        "type": message.type,
        "stream_id": str(message.stream_id),
        "version": message.version,
        "occurred_at": message.time.isoformat(),
        "recorded_at": message.recorded_at.isoformat(),
        "fact": message.fact().model_dump(mode="json"),
    }
