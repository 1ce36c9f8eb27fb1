"""A request that waits for a checkout reads it only after certain facts: those must be recorded then."""

from __future__ import annotations

import pytest

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.routes.checkouts import IN_PROGRESS, LOCK_REPLY_TYPES, SETTLING_TYPES
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.payments.domain.operation import Operation, Unknown
from contracts import cart
from contracts.envelope import Reply
from kernel.scheduling.retries import TRIES_BEFORE_OPERATOR
from tests.support.scenario import Scenario, stamp
from tests.unit.checkout_saga.examples import CART, CHECKOUT, SALE, cart_locked, of_step, waiting_at
from tests.unit.checkout_saga.gateway import gateway_answered
from tests.unit.checkout_saga.test_interleavings import TOKENS, Play, begun

LOCK_REFUSED = cart.LockRefused(
    **stamp(CART), **of_step(step_names.LOCK_CART), code="EMPTY_CART", detail="The cart is empty."
)


def types_in(story: Scenario) -> set[str]:
    return {it.TYPE for it in story.work.facts}


def is_in_progress(play: Play) -> bool:
    checkout = Checkout.empty(CHECKOUT)
    for fact in play.facts:
        fact.mutate(checkout)
    return checkout.status in IN_PROGRESS


@pytest.mark.parametrize("reply", [cart_locked(), LOCK_REFUSED], ids=["locked", "refused"])
def test_the_carts_reply_wakes_the_request_that_has_started_the_checkout(reply: Reply) -> None:
    story = waiting_at(step_names.LOCK_CART).when(CHECKOUTS.on_reply, reply)

    assert types_in(story) & LOCK_REPLY_TYPES


@pytest.mark.parametrize("token", TOKENS)
def test_a_checkout_that_is_no_longer_in_progress_wakes_those_who_wait_for_that(token: str) -> None:
    play, settled = begun(SALE, token), 0
    while action := next(play.orderly(), None):
        before, was_in_progress = len(play.facts), is_in_progress(play)
        action()
        if was_in_progress and not is_in_progress(play):
            settled += 1
            assert {it.TYPE for it in play.facts[before:]} & SETTLING_TYPES

    assert settled


def test_the_need_for_an_operator_wakes_those_who_wait() -> None:
    story = waiting_at(step_names.CAPTURE)
    story.when(gateway_answered, Operation.CAPTURE, Unknown("silence"), TRIES_BEFORE_OPERATOR)

    assert types_in(story) & SETTLING_TYPES
