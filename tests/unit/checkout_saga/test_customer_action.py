"""The customer has to act at the provider: how long the checkout waits, and when it looks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.errors import NoActionRequired
from checkout_saga.checkout.domain.index_keys import MOVED_DEADLINE
from checkout_saga.checkout.schemas.views import show_checkout
from checkout_saga.checkout.use_cases.attempts import PAYMENT_LOOK
from checkout_saga.checkout.use_cases.buying import confirm_action
from checkout_saga.checkout.use_cases.recovery import resume_checkout
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.payments.domain.operation import ActionNeeded, Declined, Done, Operation, Unknown
from checkout_saga.shop_settings.domain import settings_id
from contracts import settings
from kernel.store.sort_keys import time_key
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, stamp
from tests.unit.checkout_saga.examples import CHECKOUT, PAYMENT
from tests.unit.checkout_saga.paying import answer, asked, deadline, kinds, look, look_due, paying, seen

PAGE = "https://gateway.example/3ds"
ACT = ActionNeeded("ref", url=PAGE)
SECRET = ActionNeeded("ref", "sdk", sealed="sealed secret")


def acting(after: float = 2, outcome: ActionNeeded = ACT, **fields: Any) -> Scenario:
    """The provider asks for an action so many seconds after the start."""
    return answer(paying(**fields).after(seconds=after), Operation.AUTHORIZE, outcome)


def test_a_required_action_is_recorded_with_all_that_the_customer_needs() -> None:
    story = acting(outcome=SECRET)
    assert kinds(story) == [
        "payment.action_required",
        "checkout.action_required",
        "checkout.waiting_began",
        "checkout.deadline_moved",
    ]
    view = show_checkout(seen(story))
    assert view.status == "requires_action"
    assert view.waiting_for is not None
    assert view.waiting_for.kind == "customer_action"
    assert view.action is not None
    assert (view.action.kind, view.action.url, view.action.sealed) == ("sdk", None, "sealed secret")
    assert "sealed secret" not in view.model_dump_json()


def test_x26_looks_at_the_provider_until_shortly_before_the_deadline() -> None:
    story = acting(after=2)
    assert deadline(story) == 902
    looks = []
    while (due := look_due(story)) is not None:
        looks.append(due)
        story = look(story.at(NOW + timedelta(seconds=due)), ACT)
        assert not story.work.facts
    assert looks == [17, 32, 62, 122, 242, 482, 872]
    story.at(NOW + timedelta(seconds=901)).when(CHECKOUTS.on_deadline, CHECKOUT).then_nothing()
    story.at(NOW + timedelta(seconds=902)).when(CHECKOUTS.on_deadline, CHECKOUT)
    story.then_timer(Operation.VOID, CHECKOUT, NOW + timedelta(seconds=902))
    failure = seen(story).failure
    assert failure is not None
    assert failure.code == "CHECKOUT_SESSION_EXPIRED"


def test_x26_asked_late_the_customer_has_no_longer_than_the_cart_is_locked() -> None:
    assert deadline(acting(after=800)) == 1500


def test_the_shop_decides_how_long_a_customer_has() -> None:
    changed = settings.Changed(**stamp(settings_id("demo")), action_minutes=5)
    story = paying().after(minutes=12)
    story.world.record(changed)
    assert deadline(answer(story, Operation.AUTHORIZE, ACT)) == 17 * 60


def test_a_payment_that_a_look_finds_authorized_goes_on_though_the_customer_never_came_back() -> None:
    story = look(acting(), Done("ref", 2000))
    assert kinds(story) == ["payment.authorized", "order.created", "checkout.advanced"]
    story.then_timer(Operation.CAPTURE, CHECKOUT, story.now)


def test_a_look_without_an_answer_changes_nothing_but_the_next_look() -> None:
    story = look(acting().after(seconds=15), Unknown("silence"))
    assert not story.work.facts
    assert look_due(story) == 32


def test_what_a_look_finds_declined_is_voided() -> None:
    story = look(acting(), Declined("PAYMENT_DECLINED", "no"))
    assert kinds(story) == ["payment.declined", "checkout.compensation_started"]
    story.then_timer(Operation.VOID, CHECKOUT, story.now)


def test_while_the_customer_confirms_no_look_counts() -> None:
    story = acting().when(confirm_action, CHECKOUT)
    assert asked(story, Operation.CONFIRM).key == f"{CHECKOUT}:confirm:1-1"
    story = look(story, Done("ref", 2000)).then_nothing()
    story.then_no_timer(PAYMENT_LOOK, PAYMENT)


def test_a_customer_who_has_to_act_once_more_has_time_once_more() -> None:
    story = acting().after(minutes=8).when(confirm_action, CHECKOUT)
    story = answer(story, Operation.CONFIRM, ACT)
    assert deadline(story) == 23 * 60 + 2
    story.when(confirm_action, CHECKOUT)
    assert asked(story, Operation.CONFIRM).key == f"{CHECKOUT}:confirm:1-2"


@pytest.mark.parametrize("kind", ["wait"])
def test_what_only_the_provider_decides_is_looked_at_and_asks_nothing_of_the_customer(kind: str) -> None:
    story = acting(outcome=ActionNeeded("ref", "wait"))
    view = show_checkout(seen(story))
    assert (view.status, view.action) == ("processing", None)
    assert look_due(story) == 17
    story.when(confirm_action, CHECKOUT).then_refused(NoActionRequired)
    assert kind == "wait"


def test_a_moved_deadline_has_a_key_of_its_own_until_the_end() -> None:
    story = acting(after=2)
    key = f"{time_key(NOW + timedelta(seconds=902))}/{CHECKOUT}"
    story.then_holds(MOVED_DEADLINE, key, CHECKOUT)


async def _resumed(_: object, work: UnitOfWork) -> None:
    await resume_checkout(await work.open(Checkout, CHECKOUT), work)


def test_after_a_recovery_a_waiting_checkout_looks_at_once_and_repeats_no_call() -> None:
    story = acting()
    story.world.claims.clear()
    story.when(_resumed, None)
    assert {kind for _, kind in story.work.timers} == {PAYMENT_LOOK, "checkout_deadline"}
    story.then_timer(PAYMENT_LOOK, PAYMENT, story.now)
