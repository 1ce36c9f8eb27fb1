"""Examine one checkout for an operator: what is known, what is not, and what may be done about it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from checkout_saga.checkout.domain.actions import SCREEN
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.schemas.views import show_checkout
from checkout_saga.checkout.use_cases.buying import find_checkout
from checkout_saga.checkout.use_cases.payment_outcomes import request_for
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.operations.dry_run import DryRuns
from checkout_saga.operations.possible_actions import Possible, Wanted, act, possible_actions
from checkout_saga.operations.schemas.triage import (
    AwaitedView,
    KnownView,
    PossibleActionView,
    ProviderView,
    TimerView,
    TriageView,
    UnknownView,
)
from checkout_saga.orders.domain.order import Order, order_id_of
from checkout_saga.payments.domain.operation import (
    ActionNeeded,
    Declined,
    Done,
    Operation,
    Outcome,
    PaymentRequest,
)
from checkout_saga.payments.ports import PaymentProvider
from contracts import payment
from kernel.context import Context
from kernel.http.dead_letter_views import ParkedView
from kernel.messaging.dead_letters.model import COLUMNS, dead_letter_of
from kernel.process.workflow import Call
from kernel.recorded_fact import RecordedFact
from kernel.store.event_store import EventStore
from kernel.store.stream_history import read_stream
from kernel.unit_of_work import UnitOfWork

PROVIDER_SECONDS = 2.0
TIMERS = """
    SELECT subject, kind, due_at, coalesce((payload ->> 'tries')::integer, 0) AS tries FROM timers
    WHERE tenant = $1 AND subject = ANY($2) ORDER BY due_at, kind
"""
"""Timers are not read on behalf of callers: the tenant is named here."""
PARKED = f"""
    SELECT {COLUMNS} FROM parked
    WHERE tenant = $1 AND resolved_at IS NULL
      AND (stream_id = ANY($2) OR position(convert_to($3, 'UTF8') IN body) > 0)
    ORDER BY parked_id LIMIT 20
"""  # noqa: S608  # constants
"""A reply names the checkout in its body."""
OUTCOMES: Mapping[type[payment.PaymentStep], tuple[str, str]] = MappingProxyType(
    {
        payment.Authorized: ("authorize", "done"),
        payment.Captured: ("capture", "done"),
        payment.Voided: ("void", "done"),
        payment.Refunded: ("refund", "done"),
        payment.ActionRequired: ("authorize", "action_required"),
    }
)
NO_REASON = "to see what it would do"


class Event(NamedTuple):
    """A fact of the checkout, of one of its payments or of its order."""

    stream: str
    recorded: RecordedFact


@dataclass(frozen=True, slots=True)
class Triage:
    view: TriageView
    version: int
    timeline: Sequence[Event]


@dataclass(frozen=True, slots=True)
class Triages:
    store: EventStore
    provider: PaymentProvider
    dry_runs: DryRuns

    async def examine(self, context: Context, checkout_id: UUID) -> Triage:
        """Raises ``CheckoutNotFound``."""

        async def read(work: UnitOfWork) -> tuple[Checkout, Order]:
            return await find_checkout(checkout_id, work), await work.open(Order, order_id_of(checkout_id))

        # not given back to the cache: what it holds may be changed by the dry runs below
        (checkout, order), _ = await self.store.preview(context, read)
        timeline = await self._timeline(context.tenant, checkout)
        subjects = [checkout.id, order.id, *order.refunds, *(it.payment_id for it in checkout.attempts)]
        timers = await self._timers(context.tenant, subjects)
        view = TriageView(
            view=show_checkout(checkout),
            known=[it for event in timeline for it in _known(event.recorded)],
            unknown=[
                await self._unknown(checkout, step, request, timeline, timers)
                for step, request in pending_calls(checkout, context.tenant)
            ],
            waiting_for=list(_awaited(checkout)),
            since=checkout.modified_on,
            timers=timers,
            parked=await self._parked(context.tenant, subjects, checkout_id),
            actions=[await self._action(context, checkout_id, it) for it in possible_actions(checkout)],
        )
        return Triage(view, checkout.version, timeline)

    async def _timeline(self, tenant: str, checkout: Checkout) -> Sequence[Event]:
        streams = {checkout.id: "checkout", order_id_of(checkout.id): "order"}
        streams |= {it.payment_id: "payment" for it in checkout.attempts}
        events = [
            Event(name, it)
            for stream_id, name in streams.items()
            for it in await read_stream(self.store.pool, tenant, stream_id, self.store.messages)
        ]
        return sorted(events, key=lambda it: it.recorded.fact.timestamp)

    async def _timers(self, tenant: str, subjects: Sequence[UUID]) -> list[TimerView]:
        rows = await self.store.pool.fetch(TIMERS, tenant, subjects)
        return [TimerView(**row) for row in rows]

    async def _parked(self, tenant: str, streams: Sequence[UUID], checkout_id: UUID) -> list[ParkedView]:
        rows = await self.store.pool.fetch_for_tenant(tenant, PARKED, streams, str(checkout_id))
        return [ParkedView.of(dead_letter_of(row)) for row in rows]

    async def _unknown(
        self,
        checkout: Checkout,
        step: str,
        request: PaymentRequest,
        timeline: Sequence[Event],
        timers: Sequence[TimerView],
    ) -> UnknownView:
        errors = [
            it.recorded.fact.detail
            for it in timeline
            if isinstance(it.recorded.fact, checkout.FACTS.operator_needed) and it.recorded.fact.step == step
        ]
        return UnknownView(
            operation=request.operation,
            key=request.key,
            tries=max((it.tries for it in timers if it.kind == request.operation), default=0),
            last_error=errors[-1] if errors else None,
            provider_says=await self._ask(request),
        )

    async def _ask(self, request: PaymentRequest) -> ProviderView | None:
        try:
            async with asyncio.timeout(PROVIDER_SECONDS):
                return _show(await self.provider.look_up(request))
        except TimeoutError:
            return None

    async def _action(self, context: Context, checkout_id: UUID, it: Possible) -> PossibleActionView:
        if it.why_not:
            return PossibleActionView(action=it.action, allowed=False, why_not=it.why_not)

        async def try_it(work: UnitOfWork) -> None:
            await act(checkout_id, Wanted(it.action, NO_REASON), work)

        _, changes = await self.store.preview(context, try_it)
        effect = (await self.dry_runs.show(context, changes)).summary
        return PossibleActionView(action=it.action, allowed=True, effect=effect)


def _known(recorded: RecordedFact) -> Iterator[KnownView]:
    fact: Any = recorded.fact
    at: datetime = fact.timestamp
    if isinstance(fact, payment.Declined):
        yield KnownView(operation=fact.operation, outcome="declined", reference=fact.reference, at=at)
    elif type(fact) in OUTCOMES:
        operation, outcome = OUTCOMES[type(fact)]
        yield KnownView(operation=operation, outcome=outcome, reference=fact.reference, at=at)


def pending_calls(checkout: Checkout, tenant: str) -> Iterator[tuple[str, PaymentRequest]]:
    """Those that the provider may have carried out; a screening changes nothing there."""
    for step in checkout.under_way():
        action = CHECKOUTS.workflow.action(checkout, step)
        if not isinstance(action, Call) or action.kind == SCREEN:
            continue
        if request := request_for(checkout, Operation(action.kind), tenant):
            yield step, request


def _awaited(checkout: Checkout) -> Iterator[AwaitedView]:
    if waiting := checkout.waiting:
        yield AwaitedView(kind=waiting.kind, step=waiting.step, until=waiting.until)
        return
    for step in checkout.under_way():
        is_call = isinstance(CHECKOUTS.workflow.action(checkout, step), Call)
        yield AwaitedView(kind="call" if is_call else "reply", step=step, until=_until(checkout))


def _until(checkout: Checkout) -> datetime | None:
    """From the pivot on, and while it is undone, a checkout has no deadline."""
    pivot = CHECKOUTS.workflow.pivot
    return checkout.deadline if checkout.running and pivot not in checkout.steps else None


def _show(outcome: Outcome | None) -> ProviderView:
    match outcome:
        case None:
            return ProviderView(outcome="not_performed")
        case Done(reference=reference):
            return ProviderView(outcome="done", reference=reference)
        case Declined(code=code, detail=detail):
            return ProviderView(outcome="declined", detail=f"{code}: {detail}")
        case ActionNeeded(reference=reference, kind=kind):
            return ProviderView(outcome="action_required", reference=reference, detail=kind)
        case _:
            return ProviderView(outcome="unknown", detail=outcome.detail)
