"""A cart without activity is abandoned, its customer is reminded of it, and a return reactivates it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from cart.carts.domain.cart import Cart
from cart.carts.domain.errors import CartNotActive, CartNotFound, ProductNotFound
from cart.carts.use_cases.abandonment import (
    RecoverCart,
    abandon_cart,
    keep_timers,
    recover_cart,
    request_message,
)
from cart.carts.use_cases.cart_access import PricedCart
from cart.carts.use_cases.commands import command_routes
from cart.carts.use_cases.expiry import expire_cart
from cart.carts.use_cases.index_keys import ABANDONMENT, CART_EXPIRY, RECOVERY
from cart.carts.use_cases.recovery import hold_again
from cart.carts.use_cases.shopping import (
    AddItem,
    ChangeQuantity,
    RemoveItem,
    add_item,
    change_quantity,
    remove_item,
)
from contracts import cart as facts
from kernel.unit_of_work import UnitOfWork
from tests.support.scenario import NOW, Scenario, given
from tests.unit.cart.catalogues import USUAL_CATALOGUE
from tests.unit.cart.facts import (
    CART,
    CHECKOUT,
    EXPIRES,
    LAMP,
    LOCK_EXPIRES,
    MUG,
    ORDER,
    STEP,
    abandoned,
    converted,
    created,
    expired,
    item,
    item_added,
    locked,
    recovered,
    recovery_due,
    recovery_skipped,
    repriced,
    unlocked,
)
from tests.unit.cart.policies import DEFAULT_POLICY

COMMANDS = command_routes(USUAL_CATALOGUE, DEFAULT_POLICY, None, None)  # type: ignore[arg-type]
LOCK = facts.Lock(cart_id=CART, checkout_id=CHECKOUT, step=STEP)
UNLOCK = facts.Unlock(cart_id=CART, checkout_id=CHECKOUT, step=STEP, reason="payment declined")
CONVERT = facts.Convert(cart_id=CART, checkout_id=CHECKOUT, step="complete", order_id=ORDER)
PORTS = USUAL_CATALOGUE, DEFAULT_POLICY
FIRES = {ABANDONMENT: abandon_cart, RECOVERY: request_message, CART_EXPIRY: expire_cart}


async def write(command: Any, work: UnitOfWork, use_case: Callable[..., Awaitable[PricedCart]]) -> None:
    """As the routes do it."""
    priced = await use_case(command, work, USUAL_CATALOGUE)
    keep_timers(priced.cart, work, DEFAULT_POLICY)


add, change, remove = (partial(write, use_case=it) for it in (add_item, change_quantity, remove_item))
ADD_MUG = AddItem(CART, MUG, 1, {})


class Shop:
    """A cart, with the timers that are set."""

    def __init__(self, begin: datetime, customer_id: str | None = "ann") -> None:
        self.scenario = given(created(expires_at=begin + timedelta(hours=72), customer_id=customer_id))
        self.timers = {CART_EXPIRY: begin + timedelta(hours=72)}
        self.log: list[tuple[datetime, str]] = []
        self.timer_writes = 0

    def at(self, now: datetime, use_case: Callable[..., Awaitable[Any]], command: Any, *ports: Any) -> None:
        """First everything that is due until then."""
        self.pass_until(now)
        self._run(now, use_case, command, *ports)

    def pass_until(self, now: datetime) -> None:
        while due := [(at, kind) for kind, at in self.timers.items() if at <= now]:
            at, kind = min(due)
            del self.timers[kind]
            self._run(at, FIRES[kind], CART, *PORTS)

    def _run(self, now: datetime, use_case: Callable[..., Awaitable[Any]], command: Any, *ports: Any) -> None:
        work = self.scenario.at(now).when(use_case, command, *ports).work
        assert self.scenario.refusal is None
        for (_, kind), timer in work.timers.items():
            self.timer_writes += 1
            self.timers.pop(kind, None)
            if timer is not None:
                self.timers[kind] = timer.due_at
        self.log += [(now, fact.TYPE) for fact in work.facts]

    def times(self, *kinds: type[facts.Abandoned | facts.RecoveryDue | facts.Expired]) -> list[datetime]:
        types = {it.TYPE for it in kinds}
        return [at for at, kind in self.log if kind in types]


def march(day: int, time: str) -> datetime:
    hour, minute = map(int, time.split(":"))
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


BEGIN = march(1, "10:00")


def shop(*activity: datetime, customer_id: str | None = "ann") -> Shop:
    it = Shop(BEGIN, customer_id)
    for number, at in enumerate(activity):
        it.at(at, add, ADD_MUG) if not number else it.at(at, change, ChangeQuantity(CART, item(), number + 1))
    return it


def test_e54_a_cart_is_abandoned_and_reminded_of_three_times_until_it_expires() -> None:
    it = shop(BEGIN, march(1, "10:05"))
    it.pass_until(march(9, "00:00"))
    assert it.times(facts.Abandoned) == [march(1, "10:35")]
    assert it.times(facts.RecoveryDue) == [march(1, "11:35"), march(1, "13:35"), march(2, "10:35")]
    assert it.times(facts.Expired) == [march(4, "10:00")]
    assert not it.timers


def test_e55_after_a_return_the_next_message_counts_from_the_second_abandonment() -> None:
    it = shop(BEGIN, march(1, "10:05"), march(1, "12:00"))
    it.pass_until(march(9, "00:00"))
    assert it.times(facts.Abandoned) == [march(1, "10:35"), march(1, "12:30")]
    assert it.times(facts.RecoveryDue) == [march(1, "11:35"), march(1, "15:30"), march(2, "12:30")]


def test_e56_messages_that_would_come_after_the_expiry_fall_away() -> None:
    it = shop(march(3, "21:59"), march(3, "22:00"))
    it.pass_until(march(9, "00:00"))
    assert it.times(facts.RecoveryDue) == [march(3, "23:30"), march(4, "01:30")]
    assert it.times(facts.Expired) == [march(4, "10:00")]


def test_e56_a_purchase_ends_the_messages() -> None:
    it = shop(BEGIN, march(1, "10:05"))
    it.at(march(1, "12:00"), COMMANDS[facts.Lock].handler, LOCK)
    assert [fact.TYPE for fact in it.scenario.work.facts] == [facts.Recovered.TYPE, facts.Locked.TYPE]
    it.at(march(1, "12:01"), COMMANDS[facts.Convert].handler, CONVERT)
    it.pass_until(march(9, "00:00"))
    assert it.times(facts.RecoveryDue) == [march(1, "11:35")]
    assert not it.timers


def test_activity_writes_no_timer() -> None:
    it = shop(*(BEGIN + timedelta(minutes=minute) for minute in range(9)))
    assert it.timer_writes == 1
    it.pass_until(BEGIN + timedelta(minutes=31))
    assert (it.timer_writes, it.timers[ABANDONMENT]) == (2, BEGIN + timedelta(minutes=38))


def test_a_cart_without_a_customer_uses_its_messages_up_unsent() -> None:
    it = shop(BEGIN, customer_id=None)
    it.pass_until(march(1, "13:30"))
    it.scenario.then(recovery_skipped(2))
    assert it.times(facts.RecoveryDue) == []


def test_what_was_abandoned_is_in_the_fact_and_in_the_message() -> None:
    past = created(), item_added(2)
    scenario = given(*past).after(minutes=30).when(abandon_cart, CART, *PORTS).then(abandoned(value=1000))
    scenario.then_timer(RECOVERY, CART, scenario.now + timedelta(hours=1))
    scenario.after(hours=1).when(request_message, CART, *PORTS).then(recovery_due(1, quantity=2))


def test_nothing_is_abandoned_that_is_empty_locked_or_gone() -> None:
    for past in (
        [created()],
        [created(), item_added(), locked()],
        [created(), item_added(), locked(), converted()],
        [created(), item_added(), expired()],
    ):
        given(*past).after(hours=1).when(abandon_cart, CART, *PORTS).then_nothing()


def test_repricing_is_no_activity() -> None:
    past = created(), item_added(unit_price=450)
    later = repriced(450, 500).model_copy(update={"timestamp": LOCK_EXPIRES - timedelta(minutes=1)})
    given(*past, later).after(minutes=30).when(abandon_cart, CART, *PORTS).then(abandoned())


def test_the_timer_goes_with_the_last_item_and_comes_with_the_next_first_one() -> None:
    scenario = given(created(), item_added()).after(minutes=1)
    scenario.when(remove, RemoveItem(CART, item())).then_no_timer(ABANDONMENT, CART)
    scenario.after(minutes=1).when(add, AddItem(CART, LAMP, 1, {}))
    scenario.then_timer(ABANDONMENT, CART, scenario.now + timedelta(minutes=30))


def test_a_lock_ends_the_wait_and_the_cart_s_return_begins_it_again() -> None:
    scenario = given(created(), item_added()).after(minutes=29)
    scenario.when(COMMANDS[facts.Lock].handler, LOCK).then_no_timer(ABANDONMENT, CART)
    scenario.after(minutes=1).when(COMMANDS[facts.Unlock].handler, UNLOCK).then(unlocked())
    scenario.then_timer(ABANDONMENT, CART, scenario.now + timedelta(minutes=30))


def test_a_lock_that_expires_begins_the_wait_again() -> None:
    scenario = given(created(), item_added(), locked()).at(LOCK_EXPIRES).when(expire_cart, CART, *PORTS)
    scenario.then_timer(ABANDONMENT, CART, LOCK_EXPIRES + timedelta(minutes=30))


@pytest.mark.parametrize(("by", "attempt"), [("call", None), ("link", 1)])
def test_an_abandoned_cart_is_recovered_once(by: str, attempt: int | None) -> None:
    scenario = gone().when(recover_cart, RecoverCart(CART, by, attempt), *PORTS)
    scenario.then(recovered(by, attempt)).then_no_timer(RECOVERY, CART)
    scenario.then_timer(ABANDONMENT, CART, scenario.now + timedelta(minutes=30))
    scenario.when(recover_cart, RecoverCart(CART, by, attempt), *PORTS).then_nothing()


def test_a_write_first_makes_an_abandoned_cart_active_again() -> None:
    scenario = gone().when(add, ADD_MUG).then(recovered("activity"), item_added())
    scenario.then_no_timer(RECOVERY, CART)


def test_a_write_that_is_refused_leaves_the_cart_abandoned() -> None:
    gone().when(add, AddItem(CART, UUID(int=99), 1, {})).then_refused(ProductNotFound)


def test_an_abandoned_cart_expires() -> None:
    scenario = gone().at(EXPIRES).when(expire_cart, CART, *PORTS).then(expired())
    scenario.then_no_timer(RECOVERY, CART)


@pytest.mark.parametrize(
    "end",
    [[expired()], [recovered(), locked()], [recovered(), locked(), converted()]],
    ids=lambda it: it[-1].TYPE,
)
def test_what_is_no_longer_open_is_not_recovered(end: list[facts.CartFact]) -> None:
    gone(*end).when(recover_cart, RecoverCart(CART, "link", 1), *PORTS).then_refused(CartNotActive)


def test_another_tenant_s_cart_is_not_recovered() -> None:
    given().when(recover_cart, RecoverCart(CART, "link", 1), *PORTS).then_refused(CartNotFound)


def gone(*later: facts.CartFact) -> Scenario:
    """An abandoned cart, and what has happened since."""
    return given(created(), item_added(), abandoned(), *later).after(minutes=1)


def test_the_timers_are_set_again_when_a_log_has_been_recovered() -> None:
    """They fire early, and then set themselves right."""

    async def derive(cart_id: UUID, work: UnitOfWork) -> None:
        await hold_again(await work.open(Cart, cart_id), work)

    scenario = given(created(), item_added()).after(minutes=1).when(derive, CART)
    scenario.then_timer(ABANDONMENT, CART, NOW).when(abandon_cart, CART, *PORTS).then_nothing()
    scenario.then_timer(ABANDONMENT, CART, NOW + timedelta(minutes=30))
    scenario = gone().when(derive, CART).then_timer(RECOVERY, CART, NOW)
    scenario.when(request_message, CART, *PORTS).then_nothing()
    scenario.then_timer(RECOVERY, CART, NOW + timedelta(hours=1))
