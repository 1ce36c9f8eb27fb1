"""The routes of refunds that need an operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal, TypeAlias

from fastapi import Query, Response

from checkout_saga.orders.domain.errors import OrderNotFound, RefundNotFound, RefundNotResolvable
from checkout_saga.orders.schemas.views import AttentionView, OrderView, show_attention, show_order
from checkout_saga.orders.use_cases import operating
from checkout_saga.orders.use_cases.index_keys import REFUND_NEEDING_ATTENTION
from checkout_saga.orders.use_cases.operating import RefundOfOrder, latest_refund_request, list_refunds
from checkout_saga.orders.use_cases.reading import find_order, then_with_payment
from checkout_saga.payments.ports import PaymentProvider
from checkout_saga.payments.schemas import OperatorsReason, Resolution
from contracts.roles import ADMINS, OPERATORS
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import execute
from kernel.http.lists import list_by_key
from kernel.http.paging import Page, Paged
from kernel.http.requests import PathId
from kernel.http.route_tables import Route, RouteTable
from kernel.store.event_store import EventStore
from kernel.store.unique_keys import UniqueKey
from kernel.unit_of_work import UnitOfWork

Kind: TypeAlias = Annotated[Literal["refund"] | None, Query()]


@dataclass(frozen=True, slots=True)
class _Handlers:
    store: EventStore
    provider: PaymentProvider

    async def list_attention(self, read: Read, paging: Paged, kind: Kind = None) -> Response:  # noqa: ARG002  # refunds are the only kind so far
        """What waits for an operator, oldest first: refunds that the gateway has refused, has not answered,
        or has paid twice."""
        return await list_by_key(read, paging, REFUND_NEEDING_ATTENTION, _load, show_attention)

    async def retry_refund(
        self, order_id: PathId, refund_id: PathId, body: OperatorsReason, write: Write
    ) -> Response:
        """Repeat the gateway call at once under its key; a refused refund is requested under a new key."""
        retry = partial(operating.retry_refund, order_id, refund_id, body.reason)
        return await execute(write, find_order, order_id, then_with_payment(retry), show_order)

    async def resolve_refund(
        self, order_id: PathId, refund_id: PathId, body: Resolution, write: Write
    ) -> Response:
        """Record how the refund ended. ``done``: paid back, by the gateway or the bank. ``not_done``: frees
        its amount; refused while the gateway reports it as done. A refund that was paid twice is closed by
        ``done``."""
        request = await self.store.run(write.context, partial(latest_refund_request, order_id, refund_id))
        known = await self.provider.look_up(request) if request else None
        resolve = partial(
            operating.resolve_refund, order_id, refund_id, body.outcome, body.reason, body.reference, known
        )
        return await execute(write, find_order, order_id, then_with_payment(resolve), show_order)


async def _load(keys: Sequence[UniqueKey], work: UnitOfWork) -> Sequence[RefundOfOrder]:
    return await list_refunds(((it.owner, it.value) for it in keys), work)


def table(store: EventStore, provider: PaymentProvider) -> RouteTable:
    do = _Handlers(store, provider)
    refund = "/v1/orders/{order_id}/refunds/{refund_id}"
    refusals = (OrderNotFound, RefundNotFound, RefundNotResolvable)
    return RouteTable(
        "operations",
        (
            Route("GET", "/v1/attention", do.list_attention, {*OPERATORS, *ADMINS}, Page[AttentionView]),
            Route("POST", f"{refund}/retry", do.retry_refund, OPERATORS, OrderView, refusals),
            Route("POST", f"{refund}/resolve", do.resolve_refund, OPERATORS, OrderView, refusals),
        ),
    )
