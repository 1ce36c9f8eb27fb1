"""What operators act on by the page, with the same use cases and roles as the calls over HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias
from uuid import UUID

from checkout_saga.checkout.domain.checkout_state import APPROVE, DECLINE
from checkout_saga.checkout.use_cases import reviewing
from checkout_saga.checkout.use_cases.buying import find_checkout
from checkout_saga.checkout.use_cases.reviewing import DecideReview
from checkout_saga.operations.possible_actions import ACTIONS, RESOLUTIONS, Wanted, act
from checkout_saga.orders.use_cases import fulfilling, operating
from checkout_saga.orders.use_cases.operating import latest_refund_request
from checkout_saga.orders.use_cases.reading import find_order
from checkout_saga.payments.ports import PaymentProvider
from checkout_saga.reconciliation.domain.difference import Resolution
from checkout_saga.reconciliation.use_cases.differences import find_difference, resolve_difference
from contracts.roles import ADMINS, OPERATORS
from kernel.context import Context
from kernel.domain import Aggregate
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork

UseCase: TypeAlias = Callable[[UnitOfWork], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Target:
    path: str
    """Of its page."""
    find: Callable[[UnitOfWork], Awaitable[Aggregate]]
    use_case_of: Callable[[Context, Wanted], Awaitable[UseCase]]
    """What has to be asked before the unit of work; returns the use case of the action."""
    roles: Collection[str]
    actions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Targets:
    store: EventStore
    provider: PaymentProvider

    def checkout(self, checkout_id: UUID) -> Target:
        async def use_case_of(_: Context, wanted: Wanted) -> UseCase:
            return partial(act, checkout_id, wanted)

        return Target(
            f"/operator/checkouts/{checkout_id}",
            partial(find_checkout, checkout_id),
            use_case_of,
            OPERATORS,
            ACTIONS,
        )

    def refund(self, order_id: UUID, refund_id: UUID) -> Target:
        async def use_case_of(context: Context, wanted: Wanted) -> UseCase:
            if wanted.action not in RESOLUTIONS:
                return partial(operating.retry_refund, order_id, refund_id, wanted.reason)
            request = await self.store.run(context, partial(latest_refund_request, order_id, refund_id))
            known = await self.provider.look_up(request) if request else None
            outcome = RESOLUTIONS[wanted.action]
            said = wanted.reason, wanted.reference, known
            return partial(operating.resolve_refund, order_id, refund_id, outcome, *said)

        return Target(
            f"/operator/orders/{order_id}/refunds/{refund_id}",
            partial(find_order, order_id),
            use_case_of,
            OPERATORS,
            frozenset({"retry", *RESOLUTIONS}),
        )

    def review(self, checkout_id: UUID) -> Target:
        async def use_case_of(_: Context, wanted: Wanted) -> UseCase:
            decision = DecideReview(checkout_id, wanted.action, wanted.reason)
            return partial(reviewing.decide_review, decision)

        return Target(
            f"/operator/reviews/{checkout_id}",
            partial(reviewing.find_review, checkout_id),
            use_case_of,
            ADMINS,
            frozenset({APPROVE, DECLINE}),
        )

    def difference(self, difference_id: UUID) -> Target:
        async def use_case_of(_: Context, wanted: Wanted) -> UseCase:
            resolution: Resolution = "accepted" if wanted.action == "accepted" else "returned"
            return partial(resolve_difference, difference_id, resolution, wanted.reason, None)

        return Target(
            f"/operator/differences/{difference_id}",
            partial(find_difference, difference_id),
            use_case_of,
            OPERATORS,
            frozenset({"accepted", "returned"}),
        )

    def line(self, order_id: UUID, line_id: UUID) -> Target:
        async def use_case_of(_: Context, wanted: Wanted) -> UseCase:
            return partial(fulfilling.fulfill_line, order_id, str(line_id), wanted.reason)

        return Target(
            f"/operator/orders/{order_id}/lines/{line_id}",
            partial(find_order, order_id),
            use_case_of,
            {*OPERATORS, *ADMINS},
            frozenset({"fulfill"}),
        )
