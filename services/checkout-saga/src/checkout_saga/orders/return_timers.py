"""The handler of the timer that ends an approved return."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from checkout_saga.orders.use_cases import returns
from checkout_saga.orders.use_cases.returns import RETURN_EXPIRY
from kernel.scheduling.timers import DueTimer, TimerHandler
from kernel.unit_of_work import UnitOfWork


async def _expire(timer: DueTimer, work: UnitOfWork) -> None:
    await returns.expire(timer.subject, work)


RETURN_TIMERS: Mapping[str, TimerHandler] = MappingProxyType({RETURN_EXPIRY: _expire})
