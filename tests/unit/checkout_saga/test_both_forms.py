"""``checkout.advanced`` says the same as the facts of single steps that older streams hold."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.use_cases.buying import cancel_checkout
from checkout_saga.checkout.workflow import CHECKOUTS
from contracts.envelope import Fact
from simulators.gateway import tokens
from tests.unit.checkout_saga.examples import CHECKOUT, PLAIN, SALE, advanced, checkout_started, history_until
from tests.unit.checkout_saga.older_form import in_older_form
from tests.unit.checkout_saga.test_interleavings import Play, begun, check_always, check_at_the_end


def state_after(facts: Iterable[Fact]) -> dict[str, Any]:
    """Everything that a checkout remembers, but its version."""
    it = Checkout.empty(CHECKOUT)
    for fact in facts:
        fact.apply(it)
    return memory_of(it)


def memory_of(it: Checkout) -> dict[str, Any]:
    """The steps also in their order."""
    remembered = {name: value for name, value in vars(it).items() if not name.startswith("_")}
    return remembered | {"order": list(it.steps)}


@pytest.mark.parametrize("step", CHECKOUTS.workflow.steps_of(1))
def test_both_forms_of_a_stream_lead_to_the_same_state(step: str) -> None:
    stream = [it for it in history_until(step) if it.originator_id == CHECKOUT]

    assert state_after(in_older_form(stream)) == state_after(stream)


def test_a_step_that_is_begun_again_is_in_its_next_attempt() -> None:
    stream = [checkout_started(), advanced(step_names.AUTHORIZE), advanced(step_names.AUTHORIZE)]

    assert state_after(stream) == state_after(in_older_form(stream))
    assert state_after(stream)["steps"][step_names.AUTHORIZE].attempt == 2


DISTURBANCES: tuple[Callable[[Play], None], ...] = (
    lambda _: None,
    lambda it: it.shop.do(cancel_checkout, CHECKOUT),
    Play.let_time_pass,
)


def of_definition(play: Play, definition: int) -> Play:
    """The same play by another version of the workflow; it has just begun."""
    started, *others = play.facts
    play.shop.world.past[CHECKOUT] = [started.model_copy(update={"definition": definition}), *others]
    return play


@pytest.mark.parametrize("token", [tokens.OK, tokens.CAPTURE_FAILS])
@pytest.mark.parametrize("sale", [SALE, PLAIN], ids=["promotions", "none"])
@pytest.mark.parametrize("definition", CHECKOUTS.workflow.versions)
def test_a_checkout_from_before_advanced_goes_on_from_every_point(
    definition: int, sale: Any, token: str
) -> None:
    """Begun in the older form, ended in the present one: undisturbed, cancelled, or out of time."""
    calm = of_definition(begun(sale, token), definition)
    while True:
        for disturb in DISTURBANCES:
            play = Play(calm.shop.copy())
            play.held = [*calm.held]
            play.shop.world.past[CHECKOUT] = in_older_form(play.facts)
            disturb(play)
            check_always(play)
            play.settle()
            check_always(play)
            check_at_the_end(play)
        action = next(calm.orderly(), None)
        if action is None:
            return
        action()


@pytest.mark.parametrize("token", [tokens.OK, tokens.ACTION, tokens.CAPTURE_FAILS, tokens.DECLINED])
def test_a_checkout_in_memory_is_as_its_stored_facts_say(token: str) -> None:
    """Facts of one decision are stored as one; the checkout that decided has applied them one by one."""
    play = begun(SALE, token)
    while action := next(play.orderly(), None):
        action()
        if play.shop.work:
            live = asyncio.run(play.shop.work.open(Checkout, CHECKOUT))
            assert memory_of(live) == state_after(play.facts)
