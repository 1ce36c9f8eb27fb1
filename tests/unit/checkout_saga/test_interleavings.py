"""Repeated, late, reordered and lost messages: money and goods always end up consistent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.older_facts import Replaced, as_advanced
from checkout_saga.checkout.use_cases.attempts import PAYMENT_LOOK
from checkout_saga.checkout.use_cases.buying import (
    PayAgain,
    cancel_checkout,
    confirm_action,
    pay_again,
    start_checkout,
)
from checkout_saga.checkout.use_cases.operating import compensate_saga, retry_saga
from checkout_saga.checkout.use_cases.payment_outcomes import (
    payment_request,
    payment_to_look_at,
    record_look,
    record_outcome,
)
from checkout_saga.checkout.workflow import CHECKOUTS, DEADLINE
from checkout_saga.payments.domain.names import payment_id_of
from checkout_saga.payments.domain.operation import Operation, Outcome, PaymentRequest, Unknown
from checkout_saga.settings import NEWEST
from contracts import cart, offer
from contracts.process import Advanced, DeadlineMoved
from kernel.unit_of_work import UnitOfWork
from simulators.gateway import tokens
from tests.unit.checkout_saga import examples
from tests.unit.checkout_saga.examples import CHECKOUT, FREE, ORDER, PLAIN, SALE, SESSION
from tests.unit.checkout_saga.shop import Gateway, Shop
from tests.unit.checkout_saga.test_forward import START

Held = tuple[PaymentRequest, Outcome, int]
Action = Callable[[], None]

REFUSABLE = (
    cart.Lock.TYPE,
    offer.ReserveStock.TYPE,
    offer.ReservePromotions.TYPE,
    offer.ConfirmPrice.TYPE,
    offer.ConfirmStock.TYPE,
    offer.ExtendReservation.TYPE,
)
UNDO_OF = {
    cart.Lock.TYPE: cart.Unlock.TYPE,
    offer.ReserveStock.TYPE: offer.ReleaseStock.TYPE,
    offer.ReservePromotions.TYPE: offer.ReleasePromotions.TYPE,
}
CALLS = {it.value for it in Operation}
OTHER_WAYS = tuple(
    PayAgain(CHECKOUT, "simulated", method, token)
    for method, token in (
        ("card", tokens.OK),
        ("card", tokens.ACTION),
        ("card", tokens.DECLINED),
        ("pix", ""),
    )
)
TOKENS = (
    tokens.OK,
    tokens.DECLINED,
    tokens.INSUFFICIENT_FUNDS,
    tokens.ACTION,
    tokens.ACTION_DECLINED,
    tokens.CAPTURE_FAILS,
)
ENDS = {"checkout.completed", "checkout.failed"}


class Play:
    """One checkout, and all events that may happen next."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.held: list[Held] = []

    def go(self, choice: int) -> None:
        """Mostly an orderly event, since otherwise few checkouts would reach the later steps."""
        actions = list(self.orderly()) if choice % 3 else []
        actions = actions or list(self.disorderly())
        actions[choice // 3 % len(actions)]()

    def orderly(self) -> Iterator[Action]:
        """The events of a run without faults."""
        shop = self.shop
        yield from (partial(shop.serve, key) for key, queue in shop.waiting.items() if queue)
        yield from (partial(self.hear, at) for at in range(len(shop.answers)))
        yield from (partial(self.call, kind) for kind in shop.timers if kind in CALLS)
        yield from (self.look for kind in shop.timers if kind == PAYMENT_LOOK)
        yield from (partial(self.record, at) for at in range(len(self.held)))

    def disorderly(self) -> Iterator[Action]:
        shop = self.shop
        yield from (partial(shop.do, CHECKOUTS.on_reply, it) for it in shop.heard[-3:])
        for kind in shop.timers.keys() & CALLS:
            yield partial(self.call, kind, done=True, known=False)
            yield partial(self.call, kind, done=False, known=False)
            yield partial(self.call, kind, done=True, known=False, dies=True)
            yield partial(self.call, kind, held=True)
        yield from (partial(shop.repeat, at) for at in range(len(shop.served))[-3:])
        yield partial(shop.do, cancel_checkout, CHECKOUT)
        yield partial(shop.do, retry_saga, CHECKOUT, "why not")
        yield partial(shop.do, compensate_saga, CHECKOUT, "why not")
        yield partial(shop.do, confirm_action, CHECKOUT)
        yield from (partial(shop.do, pay_again, it) for it in OTHER_WAYS)
        if shop.gateway.payments:
            yield from (partial(shop.gateway.act, it) for it in ("approve", "pay", "decline"))
        if PAYMENT_LOOK in shop.timers:
            yield partial(self.look, known=False)
        yield self.let_time_pass
        if DEADLINE in shop.timers:
            yield self.expire

    def hear(self, at: int) -> None:
        answer = self.shop.answers.pop(at)
        if answer.TYPE in CHECKOUTS.workflow.outcomes:
            self.shop.heard.append(answer)
            self.shop.do(CHECKOUTS.on_reply, answer)

    def call(
        self, kind: str, *, done: bool = True, known: bool = True, dies: bool = False, held: bool = False
    ) -> None:
        """A worker takes the call; it may be done or not, known or not, and they may die or dawdle."""
        timer = self.shop.timers[kind]
        self.shop.now = max(self.shop.now, timer.due_at)
        requests: list[PaymentRequest | None] = []

        async def ask(operation: Operation, work: UnitOfWork) -> None:
            requests.append(await payment_request(CHECKOUT, operation, work))

        self.shop.do(ask, Operation(kind))
        request = requests[0]
        if request is None:
            return
        outcome = self.shop.gateway.perform(request) if done else Unknown("silence")
        self.held.append((request, outcome if known else Unknown("silence"), timer.payload.get("tries", 0)))
        if dies:
            self.held.pop()
        elif not held:
            self.record(-1)

    def look(self, *, known: bool = True) -> None:
        """A worker looks at the payment that the checkout waits for."""
        timer = self.shop.timers[PAYMENT_LOOK]
        self.shop.now = max(self.shop.now, timer.due_at)
        requests: list[PaymentRequest | None] = []

        async def ask(payment_id: UUID, work: UnitOfWork) -> None:
            requests.append(await payment_to_look_at(payment_id, CHECKOUT, work))

        self.shop.do(ask, timer.subject)
        if (request := requests[0]) is None:
            return
        outcome = self.shop.gateway.look(request) if known else Unknown("silence")

        async def record(it: PaymentRequest, work: UnitOfWork) -> None:
            await record_look(it, outcome, work)

        self.shop.do(record, request)

    def record(self, at: int) -> None:
        request, outcome, tries = self.held.pop(at)

        async def record(it: PaymentRequest, work: UnitOfWork) -> None:
            await record_outcome(it, outcome, tries, work)

        self.shop.do(record, request)

    def let_time_pass(self) -> None:
        """The deadline passes, and its timer is late."""
        due = self.shop.timers.get(DEADLINE)
        self.shop.now = max(self.shop.now, due.due_at if due else examples.DEADLINE)

    def expire(self) -> None:
        self.let_time_pass()
        self.shop.timers.pop(DEADLINE)
        self.shop.do(CHECKOUTS.on_deadline, CHECKOUT)

    def settle(self) -> None:
        """Everything is healthy again: all that waits is done, and time passes."""
        for _ in range(200):
            if action := next(self.orderly(), None):
                action()
            elif DEADLINE in self.shop.timers:
                self.expire()
            else:
                return
        raise AssertionError("it never comes to rest")

    @property
    def facts(self) -> list[Any]:
        return self.shop.world.past[CHECKOUT]

    def recorded(self, stream: Any) -> Counter[str]:
        return Counter(it.TYPE for it in self.shop.world.past[stream])


def begun(
    sale: Any, token: str, refuses: frozenset[str] = frozenset(), *, method: str = "card", attempts: int = 1
) -> Play:
    play = Play(Shop(sale, Gateway(token), refuses))
    start = replace(START, payment_method=method, max_attempts=attempts)
    play.shop.do(start_checkout, start, SESSION, NEWEST)
    return play


class Part(NamedTuple):
    """A step in one part of a ``checkout.advanced``: begun, refused or undone."""

    part: str
    step: str
    timestamp: datetime


def parts(play: Play) -> Iterator[Part]:
    """Also of streams, or beginnings of streams, in the older form."""
    for fact in play.facts:
        it = as_advanced(fact) if isinstance(fact, Replaced) else fact
        if isinstance(it, Advanced):
            yield from (Part("begun", step, it.timestamp) for step in it.begun)
            yield from (Part("undone", step, it.timestamp) for step in it.undone)
            if it.refused:
                yield Part("refused", it.refused.step, it.timestamp)


def check_always(play: Play) -> None:
    """What must hold at every moment."""
    at_gateway = Counter(play.shop.gateway.said[it].status for it in play.shop.gateway.said)
    captures = [it for it in parts(play) if (it.part, it.step) == ("begun", step_names.CAPTURE)]
    assert len(captures) <= 1
    moved = [it.expires_at for it in play.facts if isinstance(it, DeadlineMoved)]
    assert all(it.timestamp < max([examples.DEADLINE, *moved]) for it in captures)
    assert at_gateway["captured"] <= 1
    assert at_gateway["refunded"] <= at_gateway["captured"]
    assert all(it.status != "voided" or not it.captured for it in play.shop.gateway.payments.values())
    ends = [at for at, it in enumerate(play.facts) if it.TYPE in ENDS]
    assert ends in ([], [len(play.facts) - 1])
    if play.recorded(CHECKOUT)["checkout.failed"]:
        check_nothing_is_left(play)


def check_nothing_is_left(play: Play) -> None:
    """A checkout that says it has failed has given everything back already."""
    assert play.shop.gateway.captured == play.shop.gateway.refunded
    assert play.shop.gateway.is_settled
    held = [thing for thing in ("cart", "stock", "promotions") if play.shop.known.get(thing) == "held"]
    assert not held
    retried = any(it.TYPE == "checkout.operator_retried" for it in play.facts)
    # an operator may ask for the very same once more; no other caller does
    asked = {(it.TYPE, it.body()): it for it in play.shop.sent}.values() if retried else play.shop.sent
    sent = Counter(command.TYPE for command in asked)
    refused = {it.step for it in parts(play) if it.part == "refused"}
    for do, undo in UNDO_OF.items():
        step = next(it.step for it in play.shop.sent if do == it.TYPE) if sent[do] else None
        assert sent[undo] == (sent[do] and step not in refused)
    order = play.recorded(ORDER)
    assert order["order.created"] == order["order.cancelled"]
    undone = [it.step for it in parts(play) if it.part == "undone"]
    assert len(undone) == len(set(undone))


def check_at_the_end(play: Play) -> None:
    ended = play.recorded(CHECKOUT)
    assert ended["checkout.completed"] + ended["checkout.failed"] == 1
    gateway = play.shop.gateway
    payment = sum((play.recorded(payment_id_of(CHECKOUT, it)) for it in range(1, 4)), Counter[str]())
    order, total = play.recorded(ORDER), play.shop.sale.totals.total
    assert payment["payment.captured"] == (gateway.captured > 0)
    assert payment["payment.refunded"] == (gateway.refunded > 0)
    assert order["order.refunded"] == (gateway.refunded > 0 and order["order.paid"] > 0)
    if ended["checkout.completed"]:
        assert (gateway.captured, gateway.refunded) == (total, 0)
        assert order["order.paid"] == (total > 0)
        assert order["order.fulfilled"] == 1
        assert order["order.cancelled"] == 0
        assert play.shop.known["cart"] == play.shop.known["stock"] == "done"
        assert not {command.TYPE for command in play.shop.sent} & set(UNDO_OF.values())


@settings(max_examples=150, deadline=None)
@given(
    sale=st.sampled_from([SALE, PLAIN, FREE]),
    token=st.sampled_from(TOKENS),
    refuses=st.frozensets(st.sampled_from(REFUSABLE), max_size=1),
    method=st.sampled_from(["card", "card", "pix"]),
    attempts=st.sampled_from([1, 3]),
    head_start=st.integers(0, 16),
    choices=st.lists(st.integers(0, 1_000), min_size=3, max_size=20),
)
def test_any_interleaving_ends_with_money_and_goods_consistent(
    sale: Any,
    token: str,
    refuses: frozenset[str],
    method: str,
    attempts: int,
    head_start: int,
    choices: list[int],
) -> None:
    play = begun(sale, token, refuses, method=method, attempts=attempts)
    for choice in [1] * head_start + choices:
        play.go(choice)
        check_always(play)
    play.settle()
    check_always(play)
    check_at_the_end(play)


@pytest.mark.parametrize(
    ("token", "refuses"),
    [(tokens.OK, ()), (tokens.CAPTURE_FAILS, ()), (tokens.OK, (offer.ConfirmStock.TYPE,))],
)
def test_no_single_disturbance_at_any_moment_does_harm(token: str, refuses: tuple[str, ...]) -> None:
    calm = begun(SALE, token, frozenset(refuses))
    while True:
        for at in range(len(list(calm.disorderly()))):
            play = Play(calm.shop.copy())
            list(play.disorderly())[at]()
            check_always(play)
            play.settle()
            check_always(play)
            check_at_the_end(play)
        action = next(calm.orderly(), None)
        if action is None:
            return
        action()
