"""``checkout.advanced`` says the same as the facts of single steps that older streams hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from checkout_saga.checkout.domain import workflow
from checkout_saga.checkout.domain.checkout import Checkout
from contracts import checkout
from contracts.envelope import Fact
from contracts.process import StepDone, StepRefused
from tests.support.scenario import stamp
from tests.unit.checkout_saga.examples import (
    CHECKOUT,
    ORDER,
    checkout_started,
    compensation_started,
    facts_of_step,
    step_compensated,
    step_compensation_started,
    step_completed,
    step_failed,
    step_started,
)

LOCKED: dict[str, Any] = next(
    it.data for it in facts_of_step(workflow.LOCK_CART) if isinstance(it, checkout.StepCompleted)
)
CREATED = {"order_id": str(ORDER), "number": "F"}


def state_after(facts: Iterable[Fact]) -> dict[str, Any]:
    """Everything that a checkout remembers, but its version."""
    it = Checkout.empty(CHECKOUT)
    for fact in facts:
        fact.apply(it)
    return {name: value for name, value in vars(it).items() if not name.startswith("_")}


def advanced(*begun: str, **parts: Any) -> checkout.Advanced:
    return checkout.Advanced(**stamp(CHECKOUT), begun=begun, **{"done": (), **parts})


def test_an_advance_ends_steps_and_then_begins_others() -> None:
    once = [
        advanced("lock_cart"),
        advanced("reserve_stock", "confirm_price", done=(StepDone(step="lock_cart", data=LOCKED),)),
        advanced(done=(StepDone(step="confirm_price"), StepDone(step="create_order", data=CREATED))),
    ]
    one_by_one = [
        step_started("lock_cart"),
        step_completed("lock_cart", **LOCKED),
        step_started("reserve_stock"),
        step_started("confirm_price"),
        step_completed("confirm_price"),
        step_completed("create_order", **CREATED),
    ]

    assert state_after([checkout_started(2), *once]) == state_after([checkout_started(2), *one_by_one])


def test_a_step_that_is_begun_again_is_in_its_next_attempt() -> None:
    once = [advanced("authorize_payment"), advanced("authorize_payment")]

    assert state_after([checkout_started(), *once]) == state_after(
        [checkout_started(), step_started("authorize_payment"), step_started("authorize_payment", 2)]
    )


def test_a_refusal_and_what_it_makes_the_checkout_undo_are_two_facts() -> None:
    before = [checkout_started(2), step_started("lock_cart"), step_completed("lock_cart", **LOCKED)]
    before += [step_started("reserve_stock"), step_started("confirm_price")]
    back = compensation_started("confirm_price", "GONE", at=1)
    once = [
        advanced(refused=StepRefused(step="confirm_price", code="GONE", detail="no", data={"at": 1})),
        back.model_copy(update={"undoing": ("reserve_stock", "lock_cart")}),
        advanced(undone=("lock_cart",)),
    ]
    one_by_one = [
        step_failed("confirm_price", "GONE", at=1),
        back,
        step_compensation_started("reserve_stock"),
        step_compensation_started("lock_cart"),
        step_compensated("lock_cart"),
    ]

    assert state_after([*before, *once]) == state_after([*before, *one_by_one])
