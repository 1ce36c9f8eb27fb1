"""Consumes the facts of carts that call for messages, a batch at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from checkout_saga.customers.domain.customer import Customer, customer_stream_id
from checkout_saga.notifications.domain.notification import Notification
from checkout_saga.notifications.use_cases.requesting import (
    RECOVERY_OF_CART,
    carts_of,
    recovery_id,
    request_recovery,
    skip_overtaken,
)
from contracts import cart
from kernel.context import Context
from kernel.domain import Aggregate
from kernel.messaging.inbound import InboundMessage
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection

SCOPE = "checkout-saga.notifications"
CartFact = cart.RecoveryDue | cart.Recovered | cart.Merged


class CartFacts:
    """Implements the protocol ``kernel.messaging.batch.Handler``.

    A cart leaves its abandonment by ``recovered``, also when it is locked, or by ``merged``. That it has
    expired is seen from the message itself.
    """

    scope = SCOPE
    types = frozenset({cart.RecoveryDue.TYPE, cart.Recovered.TYPE, cart.Merged.TYPE})

    def __init__(self, *, has_channel: bool) -> None:
        self._has_channel = has_channel

    async def handle(
        self,
        batch: Sequence[InboundMessage],
        work: PgUnitOfWork,
        connection: Connection,  # noqa: ARG002  # part of the protocol: projections write to the database themselves
    ) -> None:
        """One look-up and one load for each tenant of the batch."""
        read = [(it.context(), fact) for it in batch if isinstance(fact := it.fact(), CartFact)]
        by_tenant: dict[str, list[tuple[Context, CartFact]]] = defaultdict(list)
        for context, fact in read:
            by_tenant[context.tenant].append((context, fact))
        for facts in by_tenant.values():
            await self._handle(facts, work)

    async def _handle(self, read: Sequence[tuple[Context, CartFact]], work: PgUnitOfWork) -> None:
        work.switch_context(read[0][0])
        tenant = work.context.tenant
        found = await work.owners_of_keys(RECOVERY_OF_CART, carts_of(fact for _, fact in read))
        pending: dict[UUID, UUID | None] = {UUID(cart_id): it for cart_id, it in found.items()}
        needed: list[tuple[type[Aggregate], UUID]] = [(Notification, it) for it in found.values()]
        for _, fact in read:
            if isinstance(fact, cart.RecoveryDue):
                needed.append((Notification, recovery_id(fact)))
                needed.append((Customer, customer_stream_id(tenant, fact.customer_id)))
        await work.preload(needed)
        for context, fact in read:
            work.switch_context(context)
            cart_id = fact.originator_id
            if isinstance(fact, cart.RecoveryDue):
                pending[cart_id] = await request_recovery(
                    fact, pending.get(cart_id), work, has_channel=self._has_channel
                )
            else:
                await skip_overtaken(cart_id, pending.pop(cart_id, None), work)
