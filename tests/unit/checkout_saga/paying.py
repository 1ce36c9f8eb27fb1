"""Checkouts of the present version at their payment, and what the provider says."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.index_keys import OPEN_CHECKOUT
from checkout_saga.checkout.use_cases.attempts import PAYMENT_LOOK
from checkout_saga.checkout.use_cases.payment_outcomes import (
    payment_request,
    payment_to_look_at,
    record_look,
    record_outcome,
)
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.payments.domain.operation import Operation, Outcome, PaymentRequest
from contracts.cart import RefusedRequest
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, given
from tests.unit.checkout_saga.examples import (
    CHECKOUT,
    DEADLINE,
    OPEN_KEY,
    PLAIN,
    advanced,
    checkout_started,
    effects_of,
    success_of,
)

BEFORE = (step_names.RESERVE_STOCK, step_names.RESERVE_PROMOTIONS, step_names.CONFIRM_PRICE)


def paying(*, refused: tuple[RefusedRequest, ...] = (), **fields: Any) -> Scenario:
    """A checkout whose payment is asked for; ``fields`` of its start. ``refused``: what the cart has reported
    of the buyer's address."""
    locked = success_of(step_names.LOCK_CART, PLAIN)
    if refused:
        reported = {"refused_requests": [it.model_dump(mode="json") for it in refused]}
        locked = locked.model_copy(update={"data": {**(locked.data or {}), **reported}})
    started = checkout_started(CHECKOUTS.workflow.current).model_copy(update=fields)
    past = [
        started,
        advanced(step_names.LOCK_CART),
        advanced(*BEFORE[:1], *BEFORE[2:], done=[locked]),
        *effects_of(step_names.RESOLVE_CUSTOMER),
        advanced(
            step_names.AUTHORIZE,
            done=[success_of(it, PLAIN) for it in (*BEFORE, step_names.RESOLVE_CUSTOMER)],
        ),
    ]
    return given(*past).claimed(OPEN_CHECKOUT, OPEN_KEY, CHECKOUT)


def seen(story: Scenario) -> Checkout:
    checkout = Checkout.empty(CHECKOUT)
    for fact in story.world.past[CHECKOUT]:
        fact.mutate(checkout)
    return checkout


def asked(story: Scenario, operation: Operation) -> PaymentRequest:
    """The request that is made now. It changes nothing."""
    facts, timers, refusal = story.work, story.now, story.refusal
    story.when(_request, operation)
    request = story.result
    story.work, story.now, story.refusal = facts, timers, refusal
    assert isinstance(request, PaymentRequest), f"nothing is asked for: {request}"
    return request


def answer(story: Scenario, operation: Operation, outcome: Outcome, tries: int = 0) -> Scenario:
    """The provider answers the request that is made now."""
    return story.when(_record, (asked(story, operation), outcome, tries))


def look(story: Scenario, outcome: Outcome) -> Scenario:
    """The provider is looked at, and says this of the payment."""
    return story.when(_look, (seen(story).attempt_now.payment_id, outcome))


def kinds(story: Scenario) -> list[str]:
    """The types of the facts of the last decision, in order within their streams."""
    return sorted((it.TYPE for it in story.work.facts), key=lambda it: it.split(".")[0] == "checkout")


def look_due(story: Scenario) -> float | None:
    """When the provider is looked at next, in seconds after the start; None: not at all."""
    timer = next((it for (_, kind), it in story.work.timers.items() if kind == PAYMENT_LOOK), None)
    return None if timer is None else (timer.due_at - NOW).total_seconds()


def deadline(story: Scenario) -> float:
    """In seconds after the start."""
    return ((seen(story).deadline or DEADLINE) - NOW).total_seconds()


async def _request(operation: Operation, work: UnitOfWork) -> PaymentRequest | None:
    return await payment_request(CHECKOUT, operation, work)


async def _record(said: tuple[PaymentRequest, Outcome, int], work: UnitOfWork) -> None:
    request, outcome, tries = said
    await record_outcome(request, outcome, tries, work)


async def _look(said: tuple[UUID, Outcome], work: UnitOfWork) -> None:
    payment_id, outcome = said
    request = await payment_to_look_at(payment_id, CHECKOUT, work)
    if request is not None:
        await record_look(request, outcome, work)
