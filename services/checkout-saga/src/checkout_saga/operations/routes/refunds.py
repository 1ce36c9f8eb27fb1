"""The routes of refunds that need an operator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import Response

from checkout_saga.fulfillment.domain.errors import SeatsInUse
from checkout_saga.operations.dry_run import DryRuns
from checkout_saga.operations.routes.dry_runs import DryRun
from checkout_saga.operations.schemas.dry_runs import DryRunView
from checkout_saga.orders.domain.errors import OrderNotFound, RefundNotFound, RefundNotResolvable
from checkout_saga.orders.schemas.views import OrderView, show_order
from checkout_saga.orders.use_cases import operating
from checkout_saga.orders.use_cases.operating import latest_refund_request
from checkout_saga.orders.use_cases.reading import find_order, find_with_payment, then_with_payment
from checkout_saga.payments.ports import PaymentProvider
from checkout_saga.payments.schemas import OperatorsReason, Resolution
from contracts.roles import OPERATORS
from kernel.http.dependencies import Write
from kernel.http.handlers import execute, show_changes
from kernel.http.requests import PathId
from kernel.http.route_tables import Route, RouteTable
from kernel.store.event_store import EventStore


@dataclass(frozen=True, slots=True)
class _Handlers:
    store: EventStore
    provider: PaymentProvider
    dry_runs: DryRuns

    async def retry_refund(
        self,
        order_id: PathId,
        refund_id: PathId,
        body: OperatorsReason,
        write: Write,
        dry_run: DryRun = False,
    ) -> Response:
        """Repeat the gateway call at once under its key; a refused refund is requested under a new key."""
        retry = partial(operating.retry_refund, order_id, refund_id, body.reason)
        if dry_run:
            return await show_changes(write, find_order, order_id, retry, self.dry_runs.show)
        return await execute(
            write, find_order, order_id, then_with_payment(retry), show_order, find_with_payment
        )

    async def resolve_refund(
        self, order_id: PathId, refund_id: PathId, body: Resolution, write: Write, dry_run: DryRun = False
    ) -> Response:
        """Record how the refund ended. ``done``: paid back, by the gateway or the bank. ``not_done``: frees
        its amount; refused while the gateway reports it as done. A refund that was paid twice is closed by
        ``done``."""
        request = await self.store.run(write.context, partial(latest_refund_request, order_id, refund_id))
        known = await self.provider.look_up(request) if request else None
        resolve = partial(
            operating.resolve_refund, order_id, refund_id, body.outcome, body.reason, body.reference, known
        )
        if dry_run:
            return await show_changes(write, find_order, order_id, resolve, self.dry_runs.show)
        return await execute(
            write, find_order, order_id, then_with_payment(resolve), show_order, find_with_payment
        )


def table(store: EventStore, provider: PaymentProvider, dry_runs: DryRuns) -> RouteTable:
    do = _Handlers(store, provider, dry_runs)
    refund = "/v1/orders/{order_id}/refunds/{refund_id}"
    shown: Mapping[int | str, dict[str, Any]] = {
        200: {"description": "The order; or with dry_run what would be done."}
    }
    view = OrderView | DryRunView
    refusals = (OrderNotFound, RefundNotFound, RefundNotResolvable)
    return RouteTable(
        "operations",
        (
            Route(
                "POST",
                f"{refund}/retry",
                do.retry_refund,
                OPERATORS,
                view,
                (*refusals, SeatsInUse),
                keeps_keys=True,
                responses=shown,
            ),
            Route(
                "POST",
                f"{refund}/resolve",
                do.resolve_refund,
                OPERATORS,
                view,
                refusals,
                keeps_keys=True,
                responses=shown,
            ),
        ),
    )
