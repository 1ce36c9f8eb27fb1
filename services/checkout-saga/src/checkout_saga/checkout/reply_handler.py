"""Handles the replies of other services from Kafka, a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.use_cases.replies import REPLIES, on_reply
from contracts.envelope import Reply
from kernel.faults import failpoints
from kernel.messaging.inbound import InboundMessage
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection

GROUP = "checkout-saga"


class ReplyHandler:
    scope = GROUP
    types = frozenset(REPLIES)

    async def handle(
        self,
        batch: Sequence[InboundMessage],
        work: PgUnitOfWork,
        connection: Connection,  # noqa: ARG002  # part of the protocol: projections write to the database themselves
    ) -> None:
        replies = [(it.context(), fact) for it in batch if isinstance(fact := it.fact(), Reply)]
        await work.preload_for((context, [(Checkout, fact.process_id)]) for context, fact in replies)
        for context, fact in replies:
            work.switch_context(context)
            await on_reply(fact, work)
            failpoints.active and await failpoints.hit("answer.after_taken", fact.TYPE)
