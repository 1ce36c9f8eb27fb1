"""Checkouts that start with an earlier version, while processes run that know no later one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from checkout_saga.checkout.domain import step_names
from checkout_saga.checkout.domain.errors import NoPaymentWanted
from checkout_saga.checkout.use_cases.buying import PayAgain, pay_again, start_checkout
from checkout_saga.payments.domain.errors import PaymentMethodNotAvailable
from checkout_saga.settings import NEWEST
from contracts import checkout
from tests.support.scenario import given
from tests.unit.checkout_saga.examples import CHECKOUT, SESSION, advanced, checkout_started
from tests.unit.checkout_saga.test_forward import START

NEEDY: dict[str, dict[str, Any]] = {
    "pix": {"payment_method": "pix", "payment_token": ""},
    "boleto": {"payment_method": "boleto", "payment_token": ""},
    "stripe": {"gateway": "stripe"},
    "without a token": {"payment_token": ""},
    "More than one attempt": {"max_attempts": 2},
    "return_url": {"return_url": "https://shop.example/back"},
    "Saving": {"save": True},
    "instalments": {"instalments": {"count": 3}},
}


def test_a_checkout_follows_the_version_that_is_set_and_its_start_is_as_in_the_release_before() -> None:
    story = given().when(start_checkout, START, SESSION, 2)
    story.then(checkout_started(2), advanced(step_names.LOCK_CART))
    (started,) = (it for it in story.work.facts if isinstance(it, checkout.Started))
    unknown_before = ("max_attempts", "return_url", "save", "instalments", "pay_until", "place")
    assert all(getattr(started, it) is None for it in unknown_before)


@pytest.mark.parametrize("needs", NEEDY)
def test_what_needs_a_later_version_is_refused_and_nothing_is_recorded(needs: str) -> None:
    story = given().when(start_checkout, replace(START, **NEEDY[needs]), SESSION, 2)
    story.then_refused(PaymentMethodNotAvailable)
    assert re.search(f"{needs}.*version 2 .*version 3", str(story.refusal))
    assert not story.world.claims


@pytest.mark.parametrize("needs", NEEDY)
def test_the_newest_version_takes_it(needs: str) -> None:
    story = given().when(start_checkout, replace(START, **NEEDY[needs]), SESSION, NEWEST)
    assert [it.TYPE for it in story.work.facts] == ["checkout.started", "checkout.advanced"]


def test_a_checkout_of_an_earlier_version_never_asks_for_another_way_to_pay() -> None:
    story = given(checkout_started(2), advanced(step_names.LOCK_CART))
    story.when(pay_again, PayAgain(CHECKOUT, "simulated", "pix", "")).then_refused(NoPaymentWanted)
