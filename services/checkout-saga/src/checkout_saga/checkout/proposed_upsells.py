"""Consumes the upsells that the offer service proposes for orders, a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.use_cases.upselling import take_proposals
from checkout_saga.orders.domain.order import Order, order_id_of
from contracts import upsell
from kernel.messaging.inbound import InboundMessage
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection


class ProposedUpsells:
    """Implements the protocol ``kernel.messaging.batch.Handler``."""

    scope = "checkout-saga.upsells"
    types = frozenset({upsell.Proposed.TYPE})

    async def handle(
        self,
        batch: Sequence[InboundMessage],
        work: PgUnitOfWork,
        connection: Connection,  # noqa: ARG002  # part of the protocol: projections write to the database themselves
    ) -> None:
        read = ((it.context(), fact) for it in batch if isinstance(fact := it.fact(), upsell.Proposed))
        proposed = [(context, fact) for context, fact in read if fact.upsells]
        await work.preload_for(
            (context, [(Checkout, fact.process_id), (Order, order_id_of(fact.process_id))])
            for context, fact in proposed
        )
        for context, fact in proposed:
            work.switch_context(context)
            await take_proposals(fact, work)
