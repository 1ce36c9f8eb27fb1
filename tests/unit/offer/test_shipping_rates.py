"""Shipping rates: prices by weight, for all countries or some, and one default for each currency."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from contracts import shipping_rate as facts
from contracts.shipping_rate import Bracket, ShippingRateDetails
from offer.catalogue.domain.errors import Invalid
from offer.shipping_rates.domain import ShippingRateNotFound, shipping_rates_id
from offer.shipping_rates.use_cases import (
    ChangeShippingRate,
    add_shipping_rate,
    change_shipping_rate,
    remove_shipping_rate,
)
from tests.support.scenario import Scenario, given, stamp

RATES = shipping_rates_id("demo")
STANDARD, EXPRESS = UUID(int=1), UUID(int=2)


def details(**changes: Any) -> ShippingRateDetails:
    brackets = (Bracket(up_to_grams=500, amount=490), Bracket(up_to_grams=None, amount=1490))
    return ShippingRateDetails(**{"name": "Standard", "currency": "USD", "brackets": brackets} | changes)


def was_set(rate_id: UUID, **changes: Any) -> facts.Set:
    return facts.Set(**stamp(RATES), rate_id=rate_id, details=details(**changes))


def added(scenario: Scenario, **changes: Any) -> UUID:
    rate_id: UUID = scenario.when(add_shipping_rate, details(**changes)).result.rate_id
    return rate_id


def test_a_rate_is_added_and_changed() -> None:
    scenario = given()
    rate_id = added(scenario)
    scenario.then(was_set(rate_id))
    change = ChangeShippingRate(rate_id, {"free_from": 10_000, "max_days": 4})
    scenario.when(change_shipping_rate, change).then(was_set(rate_id, free_from=10_000, max_days=4))
    scenario.when(change_shipping_rate, change).then_nothing()
    scenario.when(change_shipping_rate, ChangeShippingRate(rate_id, {"max_days": None}))
    scenario.then(was_set(rate_id, free_from=10_000))


def test_a_new_default_takes_the_place_of_the_old_one_in_its_currency() -> None:
    past = [
        was_set(STANDARD, is_default=True),
        was_set(EXPRESS, currency="EUR", is_default=True),
    ]
    scenario = given(*past)
    rate_id = added(scenario, name="Express", is_default=True)
    scenario.then(was_set(STANDARD), was_set(rate_id, name="Express", is_default=True))


def test_a_removed_rate_is_gone() -> None:
    scenario = given(was_set(STANDARD)).when(remove_shipping_rate, STANDARD)
    scenario.then(facts.Removed(**stamp(RATES), rate_id=STANDARD))
    scenario.when(remove_shipping_rate, STANDARD).then_refused(ShippingRateNotFound)


def test_another_tenant_s_rate_is_not_found() -> None:
    change = ChangeShippingRate(STANDARD, {"name": "Mine"})
    scenario = given(was_set(STANDARD)).for_tenant("rival").when(change_shipping_rate, change)
    scenario.then_refused(ShippingRateNotFound)


@pytest.mark.parametrize(
    "limits", [(500, 500), (500, 400), (None, 500), (None, None), (500, None, 2000)], ids=str
)
def test_the_limits_of_weight_rise_and_only_the_last_may_be_missing(limits: tuple[int | None, ...]) -> None:
    brackets = tuple(Bracket(up_to_grams=it, amount=490) for it in limits)
    given().when(add_shipping_rate, details(brackets=brackets)).then_refused(Invalid)


def test_a_rate_takes_no_more_days_at_least_than_at_most() -> None:
    given().when(add_shipping_rate, details(min_days=3, max_days=2)).then_refused(Invalid)


def test_a_rate_has_a_currency_in_use() -> None:
    given().when(add_shipping_rate, details(currency="XXY")).then_refused(Invalid)
