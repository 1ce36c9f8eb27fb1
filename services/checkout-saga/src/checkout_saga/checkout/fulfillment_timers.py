"""The handlers of the timers of fulfilment."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID

from checkout_saga.checkout.domain.first_results import FULFILLMENT_LIMIT
from checkout_saga.checkout.use_cases import fulfilling
from checkout_saga.fulfillment.use_cases.handing_over import FULFILL
from kernel.scheduling.timers import DueTimer, TimerHandler
from kernel.unit_of_work import UnitOfWork


async def _limit(timer: DueTimer, work: UnitOfWork) -> None:
    await fulfilling.on_limit(timer.subject, work)


async def _next_try(timer: DueTimer, work: UnitOfWork) -> None:
    order_id, line_id = UUID(timer.payload["order_id"]), timer.payload["line_id"]
    await fulfilling.on_next_try(order_id, line_id, work, is_unknown="unknown" in timer.payload)


FULFILLMENT_TIMERS: Mapping[str, TimerHandler] = MappingProxyType(
    {FULFILLMENT_LIMIT: _limit, FULFILL: _next_try}
)
