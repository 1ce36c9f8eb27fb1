"""Handles the replies to processes from Kafka, a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.envelope import Reply
from kernel.faults import failpoints
from kernel.messaging.inbound import InboundMessage
from kernel.process.manager import ProcessManager
from kernel.process.workflow import P
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection


class ReplyHandler:
    """Implements the protocol ``kernel.messaging.batch.Handler``."""

    def __init__(self, scope: str, manager: ProcessManager[P]) -> None:
        self.scope = scope
        self.types = frozenset(manager.workflow.outcomes)
        self._on_reply = manager.on_reply
        self._kind = manager.workflow.kind

    async def handle(
        self,
        batch: Sequence[InboundMessage],
        work: PgUnitOfWork,
        connection: Connection,  # noqa: ARG002  # part of the protocol: projections write to the database themselves
    ) -> None:
        replies = [(it.context(), fact) for it in batch if isinstance(fact := it.fact(), Reply)]
        await work.preload_for((context, [(self._kind, fact.process_id)]) for context, fact in replies)
        for context, fact in replies:
            work.switch_context(context)
            await self._on_reply(fact, work)
            failpoints.active and await failpoints.hit("answer.after_taken", fact.TYPE)
