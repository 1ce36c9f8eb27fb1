"""Take the answers of other services from Kafka, a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from checkout_saga.application.replies import REPLIES, on_answer
from checkout_saga.domain.checkout import Checkout
from contracts.envelope import Answer
from kernel.faults import failpoints
from kernel.messaging.received import Received
from kernel.store.session import Session
from kernel.store.writing import Connection

GROUP = "checkout-saga"
TOPICS = ("cart.events", "offer.events")


class AnswerHandler:
    scope = GROUP
    types = frozenset(REPLIES)

    async def handle(self, batch: Sequence[Received], session: Session, connection: Connection) -> None:  # noqa: ARG002  # others write to the database themselves
        for _, group in groupby(batch, key=lambda it: it.tenant):
            answers = [(it.context(), it.fact()) for it in group]
            session.act_for(answers[0][0])
            await session.preload(
                (Checkout, fact.checkout_id) for _, fact in answers if isinstance(fact, Answer)
            )
            for context, fact in answers:
                session.act_for(context)
                if isinstance(fact, Answer):
                    await on_answer(fact, session)
                    failpoints.active and await failpoints.reach("answer.after_taken", fact.TYPE)
