"""Products that are sold as subscriptions to a plan: they have its prices, and follow its terms."""

from typing import Any
from uuid import UUID

import pytest

from contracts import product
from contracts.plan import MAX_PRODUCTS
from contracts.price_change import PriceRule
from contracts.product import Details
from offer.catalogue.domain.errors import Invalid, PlanNotActive, PlanNotFound, PlanPriceDiffers, SkuExists
from offer.catalogue.use_cases import (
    ChangeProduct,
    activate_product,
    archive_product,
    change_product,
    create_product,
)
from offer.imports.domain.price_change import Where, with_new_prices
from offer.imports.domain.prices import Scope, with_price
from offer.plans.use_cases.joining import PLANS
from offer.plans.use_cases.plans import ChangePlan, archive_plan, change_plan
from pricing.rounding import Mode
from tests.support.scenario import Scenario, given, stamp
from tests.unit.offer.examples import BOOK, CD, PORTS, activated, archived, created, details, named
from tests.unit.offer.plan_examples import STARTER, a_plan, add_on, joined, left
from tests.unit.offer.plan_examples import archived as plan_archived
from tests.unit.offer.plan_examples import changed as plan_changed
from tests.unit.offer.plan_examples import terms as plan_terms

SEATS = add_on(add_on_id=named("seats"))
TERMS = plan_terms(trial_days=14, add_ons=[SEATS])


def sold(amount: int = 2900, **other: Any) -> Details:
    """As it is stored: with what it has of the plan."""
    of_plan = {"plan_id": str(STARTER), "trial_days": 14, "add_ons": TERMS.add_ons}
    return details("PLAN", amount, type="subscription", **{**of_plan, **other})


def wanted(sku: str = "PLAN", **other: Any) -> Details:
    """As a caller sends it."""
    return details(sku, **{"type": "subscription", "plan_id": str(STARTER), "prices": (), **other})


def shop(*past: Any) -> Scenario:
    return a_plan(*past, of=TERMS)


def with_product(*past: Any) -> Scenario:
    return shop(joined(CD), created(CD, sold()), *past)


def test_a_product_of_a_plan_has_the_plan_s_prices_trial_and_add_ons() -> None:
    scenario = shop().when(create_product, wanted(), *PORTS)
    made = scenario.result
    scenario.then(created(made.id, sold()), joined(made.id))


def test_prices_that_are_given_are_those_of_the_plan() -> None:
    same = wanted(prices=[{"amount": 2900, "currency": "USD"}])
    scenario = shop().when(create_product, same, *PORTS)
    scenario.then(created(scenario.result.id, sold()), joined(scenario.result.id))
    for price in (
        {"amount": 2901, "currency": "USD"},
        {"amount": 2900, "currency": "EUR"},
        {"amount": 2900, "currency": "USD", "region": "PT"},
    ):
        shop().when(create_product, wanted(prices=[price]), *PORTS).then_refused(PlanPriceDiffers)
        change = ChangeProduct(CD, {"prices": [price]})
        with_product().when(change_product, change, *PORTS).then_refused(PlanPriceDiffers)
    same_again = ChangeProduct(CD, {"prices": [{"amount": 2900, "currency": "USD"}]})
    with_product().when(change_product, same_again, *PORTS).then_nothing()


def test_the_plan_has_to_be_there_and_active() -> None:
    given().when(create_product, wanted(), *PORTS).then_refused(PlanNotFound, plan_id=str(STARTER))
    shop(plan_archived()).when(create_product, wanted(), *PORTS).then_refused(PlanNotActive)
    with_product(plan_archived()).when(activate_product, CD, PLANS).then_refused(PlanNotActive)


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "course"},
        {"tiers": [{"amount": 1, "currency": "USD", "min_quantity": 2}]},
        {"pricing_model": "dynamic", "dynamic": {"rules": [{"percent": "10"}]}},
        {"variant_of": BOOK},
    ],
)
def test_nothing_but_the_plan_makes_the_price(wrong: dict[str, Any]) -> None:
    shop().when(create_product, wanted(**wrong), *PORTS).then_refused(Invalid)


def test_an_import_or_a_change_of_many_prices_does_not_change_a_plan_s_product() -> None:
    scope = Scope("USD", None, None)
    assert with_price(sold(), scope, 2900)[1] == "unchanged"
    with pytest.raises(PlanPriceDiffers):
        with_price(sold(), scope, 2901)
    with pytest.raises(PlanPriceDiffers):
        rule = PriceRule(type="percentage", value="10")
        with_new_prices(sold(), Where("USD", None, None), rule, 1, Mode.HALF_UP)


def test_new_terms_change_the_products_of_the_plan_in_the_same_save() -> None:
    other = created(BOOK, details("BOOK", type="subscription"))
    dearer = {"prices": ({"amount": 3400, "currency": "USD"},), "trial_days": 7}
    scenario = with_product(other).when(change_plan, ChangePlan(STARTER, dearer))
    scenario.then(
        plan_changed(TERMS.model_validate({**TERMS.model_dump(), **dearer}), 2),
        product.Changed(**stamp(CD), details=sold(3400, trial_days=7)),
    )


def test_an_archived_plan_takes_its_products_off_sale() -> None:
    scenario = with_product(activated(CD), created(BOOK, sold()), joined(BOOK))
    scenario.when(archive_plan, STARTER).then(plan_archived(), archived(CD), archived(BOOK))
    scenario.when(change_product, ChangeProduct(CD, {"name": "Old"}), *PORTS)
    scenario.then(product.Changed(**stamp(CD), details=sold(name="Old")))
    scenario.when(archive_product, CD).then_nothing()


def test_a_product_leaves_a_plan_with_its_prices() -> None:
    scenario = with_product().when(change_product, ChangeProduct(CD, {"plan_id": None}), *PORTS)
    alone = details("PLAN", 2900, type="subscription")
    scenario.then(product.Changed(**stamp(CD), details=alone), left(CD))
    scenario.when(change_product, ChangeProduct(CD, {"plan_id": str(STARTER)}), *PORTS)
    scenario.then(product.Changed(**stamp(CD), details=sold()), joined(CD))


def test_a_refused_product_leaves_nothing_with_its_plan() -> None:
    """Of an import, the lines that are not refused are saved."""

    async def add(_: None, work: Any) -> None:
        with pytest.raises(SkuExists):
            await create_product(wanted(), work, *PORTS)
        with pytest.raises(Invalid):
            await create_product(wanted(sku="OTHER", type="course"), work, *PORTS)

    shop().claimed("sku", "plan", BOOK).when(add, None).then_nothing()


def test_a_plan_has_so_many_products_and_no_more() -> None:
    scenario = shop(*(joined(UUID(int=number)) for number in range(MAX_PRODUCTS - 1)))
    scenario.when(create_product, wanted(), *PORTS)
    last = scenario.result.id
    scenario.when(activate_product, last, PLANS).then(activated(last))
    scenario.when(create_product, wanted(name="One more"), *PORTS).then_refused(Invalid)


def test_a_product_from_before_there_were_plans_can_still_be_read() -> None:
    body = {"sku": "S", "name": "S", "type": "subscription", "prices": []}
    assert (Details.read(body).trial_days, Details.read(body).add_ons) == (0, ())
