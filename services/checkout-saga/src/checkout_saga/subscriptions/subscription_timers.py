"""The handler of the timer that ends a subscription as scheduled."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from checkout_saga.subscriptions.use_cases.cancelling import END_SUBSCRIPTION, end_as_scheduled
from kernel.scheduling.timers import DueTimer, TimerHandler
from kernel.unit_of_work import UnitOfWork


async def _end(timer: DueTimer, work: UnitOfWork) -> None:
    await end_as_scheduled(timer.subject, work)


SUBSCRIPTION_TIMERS: Mapping[str, TimerHandler] = MappingProxyType({END_SUBSCRIPTION: _end})
