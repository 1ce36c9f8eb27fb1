"""Handles the replies to processes from Kafka, a batch at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from uuid import UUID

from contracts.envelope import Reply
from kernel.context import Context
from kernel.faults import failpoints
from kernel.messaging.inbound import InboundMessage
from kernel.process.manager import ProcessManager
from kernel.process.workflow import P
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection
from kernel.unit_of_work import UnitOfWork


class ReplyHandler:
    """Implements the protocol ``kernel.messaging.batch.Handler``."""

    def __init__(self, scope: str, manager: ProcessManager[P]) -> None:
        self.scope = scope
        self.types = frozenset(manager.workflow.outcomes)
        self._on_reply = manager.on_reply
        self._load = partial(load_for_replies, manager)

    async def handle(
        self,
        batch: Sequence[InboundMessage],
        work: PgUnitOfWork,
        connection: Connection,  # noqa: ARG002  # part of the protocol: projections write to the database themselves
    ) -> None:
        replies = [(it.context(), fact) for it in batch if isinstance(fact := it.fact(), Reply)]
        by_tenant: defaultdict[str, list[tuple[Context, Reply]]] = defaultdict(list)
        for context, fact in replies:
            by_tenant[context.tenant].append((context, fact))
        for of_tenant in by_tenant.values():
            work.switch_context(of_tenant[0][0])
            await self._load([fact for _, fact in of_tenant], work)
        for context, fact in replies:
            work.switch_context(context)
            await self._on_reply(fact, work)
            failpoints.active and await failpoints.hit("answer.after_taken", fact.TYPE)


async def load_for_replies(manager: ProcessManager[P], replies: Sequence[Reply], work: UnitOfWork) -> None:
    """Read a tenant's processes with one query, and what their next steps open with another."""
    by_process: defaultdict[UUID, list[Reply]] = defaultdict(list)
    for reply in replies:
        by_process[reply.process_id].append(reply)
    processes = await work.open_many(manager.workflow.kind, by_process)
    tenant = work.context.tenant
    opened = [manager.opened_by(process, by_process[it], tenant) for it, process in processes.items()]
    new = [key for it in opened for key in it.new]
    for key in new:
        work.assume_absent(*key)
    await work.preload([*(key for it in opened for key in it.known), *new])
