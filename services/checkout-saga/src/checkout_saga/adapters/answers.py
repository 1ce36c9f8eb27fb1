"""Take the answers of other services from Kafka, a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence

from checkout_saga.application.replies import REPLIES, on_answer
from checkout_saga.domain.checkout import Checkout
from contracts.envelope import Reply
from kernel.faults import failpoints
from kernel.messaging.received import Received
from kernel.store.session import Session
from kernel.store.writing import Connection

GROUP = "checkout-saga"


class AnswerHandler:
    scope = GROUP
    types = frozenset(REPLIES)

    async def handle(self, batch: Sequence[Received], session: Session, connection: Connection) -> None:  # noqa: ARG002  # others write to the database themselves
        answers = [(it.context(), fact) for it in batch if isinstance(fact := it.fact(), Reply)]
        await session.preload_for((context, [(Checkout, fact.process_id)]) for context, fact in answers)
        for context, fact in answers:
            session.act_for(context)
            await on_answer(fact, session)
            failpoints.active and await failpoints.reach("answer.after_taken", fact.TYPE)
