"""Consumes the facts of referrers' rewards, which ``offer`` records."""

from __future__ import annotations

from collections.abc import Sequence

from checkout_saga.notifications.use_cases.announcing import request_reward
from contracts import reward
from kernel.messaging.inbound import InboundMessage
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection

SCOPE = "checkout-saga.rewards"


class RewardFacts:
    """Implements the protocol ``kernel.messaging.batch.Handler``. Without a mail server nothing is
    requested."""

    scope = SCOPE
    types = frozenset({reward.Confirmed.TYPE})

    def __init__(self, *, has_mail: bool) -> None:
        self._has_mail = has_mail

    async def handle(
        self,
        batch: Sequence[InboundMessage],
        work: PgUnitOfWork,
        connection: Connection,  # noqa: ARG002  # part of the protocol: projections write to the database themselves
    ) -> None:
        if not self._has_mail:
            return
        for message in batch:
            fact = message.fact()
            if isinstance(fact, reward.Confirmed):
                work.switch_context(message.context())
                await request_reward(fact, work)
