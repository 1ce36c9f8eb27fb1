"""Apply batches of facts to one read model, in the transaction that also advances the offsets of its lane."""

from __future__ import annotations

from collections.abc import Sequence

from kernel.faults import failpoints
from kernel.messaging.inbound import InboundMessage
from kernel.projections.checkpoint import advance_checkpoint
from kernel.projections.model import ReadModel
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection


class Projector:
    """Implements ``kernel.messaging.batch.Handler`` for one read model."""

    def __init__(self, model: ReadModel) -> None:
        self._model = model
        self._apply = model.applier()
        self.scope = model.scope
        self.types = model.types

    async def handle(
        self,
        batch: Sequence[InboundMessage],
        work: PgUnitOfWork,  # noqa: ARG002  # a read model issues no commands
        connection: Connection,
    ) -> None:
        await self.apply(batch, connection)
        failpoints.active and await failpoints.hit("projection.after_apply")

    async def apply(self, batch: Sequence[InboundMessage], connection: Connection) -> None:
        await self._apply(batch, connection)
        await advance_checkpoint(self._model, batch, connection)
