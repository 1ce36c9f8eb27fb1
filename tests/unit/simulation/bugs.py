"""Bugs that somebody might write: each put into the running code, and nothing else changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

import checkout_saga.app
from checkout_saga.adapters import gateway_calls
from checkout_saga.adapters.gateway import HttpGateway
from checkout_saga.application import back, onward, payments, replies
from checkout_saga.application.ports import Declined, Outcome, PaymentRequest, Unknown
from checkout_saga.domain import definition
from checkout_saga.domain.checkout import Checkout
from checkout_saga.domain.steps import STEPS, Call, Operation, Step, nothing
from kernel.work import Work
from offer.domain.promotion import Promotion
from offer.domain.stock import Stock
from tests.proofs.simulation import consuming, database

Plant = Callable[[pytest.MonkeyPatch], None]


def an_answer_counts_each_time_it_comes(patch: pytest.MonkeyPatch) -> None:
    async def careless(checkout: Checkout, step: str, data: dict[str, Any], work: Work) -> None:
        checkout.complete_step(step, data)
        await onward.go_on(checkout, work)

    careless_replies = {
        type_: reply._replace(react=careless) if reply.react is replies.DONE else reply
        for type_, reply in replies.REPLIES.items()
    }
    patch.setattr(replies, "REPLIES", careless_replies)


def what_was_captured_is_not_given_back(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(back, "STEPS", {**STEPS, definition.CAPTURE: Step(STEPS[definition.CAPTURE].do, nothing)})


def an_unknown_capture_is_taken_for_a_refused_one(patch: pytest.MonkeyPatch) -> None:
    async def hasty(request: PaymentRequest, outcome: Outcome, tries: int, work: Work) -> None:
        if request.operation is Operation.CAPTURE and isinstance(outcome, Unknown):
            outcome = Declined("CAPTURE_FAILED", "it took too long")
        await payments.record_outcome(request, outcome, tries, work)

    patch.setattr(gateway_calls, "record_outcome", hasty)


def a_second_try_has_a_key_of_its_own(patch: pytest.MonkeyPatch) -> None:
    original = HttpGateway.perform

    async def forgetful(self: HttpGateway, request: PaymentRequest, *, again: bool) -> Outcome:
        key = f"{request.key}:again" if again else request.key
        return await original(self, replace(request, key=key), again=again)

    patch.setattr(HttpGateway, "perform", forgetful)


def an_authorization_is_never_let_go(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        back, "STEPS", {**STEPS, definition.AUTHORIZE: Step(STEPS[definition.AUTHORIZE].do, nothing)}
    )


def stock_is_promised_without_a_look(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Stock, "can_hold", lambda *_: True)


def a_promotion_has_no_limits(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Promotion, "obstacle", lambda *_: None)


def nobody_looks_at_versions(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(database, "too_late", lambda *_: None)


def a_deadline_does_nothing(patch: pytest.MonkeyPatch) -> None:
    async def asleep(*_: Any) -> None:
        return

    patch.setattr(checkout_saga.app, "TIMERS", dict.fromkeys(checkout_saga.app.TIMERS, asleep))


def what_memory_says_is_never_compared(patch: pytest.MonkeyPatch) -> None:
    async def trusting(*_: Any) -> None:
        return

    patch.setattr(consuming, "check_memory", trusting)


def stock_stays_held_when_a_checkout_fails(patch: pytest.MonkeyPatch) -> None:
    step = Step(STEPS[definition.RESERVE_STOCK].do, nothing)
    patch.setattr(back, "STEPS", {**STEPS, definition.RESERVE_STOCK: step})


def a_capture_begins_after_the_deadline(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Checkout, "out_of_time", lambda *_: False)


def what_was_captured_is_voided(patch: pytest.MonkeyPatch) -> None:
    step = Step(STEPS[definition.CAPTURE].do, lambda _: Call(Operation.VOID))
    patch.setattr(back, "STEPS", {**STEPS, definition.CAPTURE: step})


def a_cart_is_sold_as_often_as_it_is_locked(patch: pytest.MonkeyPatch) -> None:
    async def unconcerned(*_: Any) -> bool:
        return False

    patch.setattr(onward, "take_back_if_sold", unconcerned)


PLANTED: tuple[Plant, ...] = (
    an_answer_counts_each_time_it_comes,
    what_was_captured_is_not_given_back,
    an_unknown_capture_is_taken_for_a_refused_one,
    a_second_try_has_a_key_of_its_own,
    an_authorization_is_never_let_go,
    stock_is_promised_without_a_look,
    a_promotion_has_no_limits,
    nobody_looks_at_versions,
    a_deadline_does_nothing,
    what_memory_says_is_never_compared,
    stock_stays_held_when_a_checkout_fails,
    a_capture_begins_after_the_deadline,
    what_was_captured_is_voided,
    a_cart_is_sold_as_often_as_it_is_locked,
)
