"""The durable timers of this service."""

from collections.abc import Mapping

from kernel.scheduling.timers import DueTimer, TimerHandler
from kernel.unit_of_work import UnitOfWork
from offer.application.expire_reservation import expire_reservation
from offer.application.reserve_stock import EXPIRY


async def _expire(timer: DueTimer, work: UnitOfWork) -> None:
    await expire_reservation(timer.subject, work)


TIMERS: Mapping[str, TimerHandler] = {EXPIRY: _expire}
