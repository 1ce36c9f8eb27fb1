"""The handlers of the timers of seats."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID

from checkout_saga.fulfillment.use_cases import licensing
from checkout_saga.fulfillment.use_cases.licensing import SEAT_INVITATION
from kernel.scheduling.timers import DueTimer, TimerHandler
from kernel.unit_of_work import UnitOfWork


async def _end_invitation(timer: DueTimer, work: UnitOfWork) -> None:
    await licensing.expire(UUID(timer.payload["license_id"]), timer.subject, work)


SEAT_TIMERS: Mapping[str, TimerHandler] = MappingProxyType({SEAT_INVITATION: _end_invitation})
