"""The durable timers of this service."""

from collections.abc import Mapping

from kernel.timing.timers import DueTimer, TimerHandler
from kernel.work import Work
from offer.application.expire_reservation import expire_reservation
from offer.application.reserve_stock import EXPIRY


async def _expire(timer: DueTimer, work: Work) -> None:
    await expire_reservation(timer.subject, work)


TIMERS: Mapping[str, TimerHandler] = {EXPIRY: _expire}
