"""One outbound call to a payment provider, and the record of its outcome."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from checkout_saga.payments.domain.operation import Declined, Outcome, PaymentRequest, Unknown
from checkout_saga.payments.ports import PaymentProvider
from kernel.faults import failpoints
from kernel.scheduling.call_result import CallResult
from kernel.scheduling.timers import DueTimer
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork

Record = Callable[[Outcome, int, UnitOfWork], Awaitable[None]]
"""Record the outcome; the number is that of the tries before."""


Seal = Callable[[PaymentRequest, Outcome], Awaitable[Outcome]]
"""Encrypt what is personal in an outcome."""


async def unchanged(_: PaymentRequest, outcome: Outcome) -> Outcome:
    """For calls whose outcomes hold nothing personal."""
    return outcome


async def call_provider(
    store: EventStore,
    provider: PaymentProvider,
    timer: DueTimer,
    request: PaymentRequest,
    record: Record,
    seal: Seal = unchanged,
) -> CallResult:
    tries = int(timer.payload.get("tries", 0))
    may_have_been_made = tries > 0 or timer.attempts > 1  # by an earlier try, or by a process that died
    outcome = await provider.perform(request, again=may_have_been_made)
    return await _record(store, timer, await seal(request, outcome), tries, record)


async def look_at_provider(
    store: EventStore,
    provider: PaymentProvider,
    timer: DueTimer,
    request: PaymentRequest,
    record: Record,
    seal: Seal,
) -> CallResult:
    """Ask for the state of a payment without changing it. The provider has reported the payment before: that
    it does not know it any more proves nothing."""
    found = await provider.look_up(request)
    outcome = Unknown("The provider does not know the payment.") if found is None else found
    return await _record(store, timer, await seal(request, outcome), 0, record)


async def _record(
    store: EventStore, timer: DueTimer, outcome: Outcome, tries: int, record: Record
) -> CallResult:
    failpoints.active and await failpoints.hit("call.after_call_before_result", timer.kind)

    async def act(work: UnitOfWork) -> None:
        await record(outcome, tries, work)

    await store.run(timer.context, act, timer.lease)
    return result_of(outcome)


def result_of(outcome: Outcome | None) -> CallResult:
    """None: the provider has answered that it does not know the operation."""
    match outcome:
        case Unknown(timed_out=True):
            return CallResult.TIMEOUT
        case Unknown():
            return CallResult.UNKNOWN
        case Declined():
            return CallResult.DECLINED
        case _:
            return CallResult.DONE
