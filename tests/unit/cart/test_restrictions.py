"""Which products exclude one another in a cart, and what a customer must have for a certification."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from uuid import UUID

import pytest

from cart.carts.domain.errors import (
    DuplicateCourseInCart,
    MaxItemQuantityExceeded,
    MultipleSubscriptionsNotAllowed,
    PrerequisitesNotMet,
)
from cart.carts.use_cases.locking import lock_cart
from cart.carts.use_cases.shopping import AddItem, ChangeQuantity, add_item, change_quantity
from cart.catalogue.domain.customers import KnownCustomer
from cart.catalogue.domain.products import Product
from contracts import cart as contract
from tests.support.scenario import given
from tests.unit.cart.catalogues import FakeCatalogue, product
from tests.unit.cart.facts import CART, CHECKOUT, LAMP, MUG, STEP, created, item_added
from tests.unit.cart.offers import KIT
from tests.unit.cart.policies import DEFAULT_POLICY
from tests.unit.cart.test_line_prices import added

COURSE, BUNDLE, OTHER_BUNDLE = UUID(int=81), UUID(int=82), UUID(int=83)


def bundle(bundle_id: UUID = BUNDLE) -> Product:
    return replace(product(bundle_id, type="bundle", course_ids=(str(COURSE), "abroad")), courses=(COURSE,))


SCHOOL = FakeCatalogue(product(COURSE, type="course"), bundle(), bundle(OTHER_BUNDLE))


@pytest.mark.parametrize(
    ("held", "new"),
    [
        (COURSE, COURSE),
        (COURSE, BUNDLE),
        (BUNDLE, COURSE),
        (BUNDLE, OTHER_BUNDLE),
    ],
)
def test_a_course_is_not_in_two_lines_also_not_as_part_of_a_bundle(held: UUID, new: UUID) -> None:
    kind = SCHOOL.products[held].details.type
    scenario = given(created(), item_added(product_id=held, product_type=kind))
    scenario.when(add_item, AddItem(CART, new, 1, {}), SCHOOL).then_refused(DuplicateCourseInCart)


def test_a_course_of_an_offer_in_the_cart_is_not_added_again() -> None:
    line = added(COURSE, offer_id=KIT, product_type="course")
    scenario = given(created(), line).when(add_item, AddItem(CART, COURSE, 1, {}), SCHOOL)
    scenario.then_refused(DuplicateCourseInCart)


def test_a_bundle_can_be_bought_twice() -> None:
    scenario = given(created(), item_added(product_id=BUNDLE, product_type="bundle"))
    scenario.when(add_item, AddItem(CART, BUNDLE, 1, {}), SCHOOL)
    scenario.then(item_added(product_id=BUNDLE, product_type="bundle"))


@pytest.mark.parametrize(
    "other",
    [
        added(BUNDLE, offer_id=KIT, product_type="bundle"),
        item_added(product_id=BUNDLE, product_type="bundle", options={"engraving": "Ann"}),
    ],
    ids=["in an offer", "with other options"],
)
def test_the_courses_of_a_bundle_are_not_in_two_lines_of_the_same_bundle(other: contract.ItemAdded) -> None:
    scenario = given(created(), other).when(add_item, AddItem(CART, BUNDLE, 1, {}), SCHOOL)
    scenario.then_refused(DuplicateCourseInCart)


def test_seats_of_one_licence_with_other_options_are_two_lines_with_a_limit_each() -> None:
    catalogue = FakeCatalogue(product(MUG, type="team_license"))
    scenario = given(created()).when(add_item, AddItem(CART, MUG, 600, {"team": "a"}), catalogue)
    scenario.when(add_item, AddItem(CART, MUG, 600, {"team": "b"}), catalogue)
    assert [it.quantity for it in scenario.result.cart.lines.values()] == [600, 600]
    scenario.when(add_item, AddItem(CART, MUG, 600, {"team": "a"}), catalogue)
    scenario.then_refused(MaxItemQuantityExceeded, maximum=1000)


def test_a_subscription_of_an_offer_is_the_only_one_of_the_cart() -> None:
    line = added(LAMP, offer_id=KIT, product_type="subscription")
    catalogue = FakeCatalogue(product(MUG, type="subscription"), product(LAMP, type="subscription"))
    scenario = given(created(), line).when(add_item, AddItem(CART, MUG, 1, {}), catalogue)
    scenario.then_refused(MultipleSubscriptionsNotAllowed)


def test_the_limit_of_a_line_counts_the_units_of_all_offers() -> None:
    line = added(MUG, 7900, quantity=2, offer_id=KIT, units=4)
    scenario = given(created(), line).when(
        change_quantity, ChangeQuantity(CART, line.item_id, 3), FakeCatalogue(product())
    )
    scenario.then_refused(MaxItemQuantityExceeded, maximum=10)


NURSE = product(MUG, type="certification", prerequisites=("school", "practice"))
ADD = AddItem(CART, MUG, 1, {})
LINE = item_added(product_id=MUG, product_type="certification")


def test_a_known_customer_needs_what_a_certification_requires() -> None:
    trained = KnownCustomer("ann", qualifications=frozenset({"school"}))
    scenario = given(created()).when(add_item, ADD, FakeCatalogue(NURSE, trained))
    scenario.then_refused(PrerequisitesNotMet, missing=("practice",))


def test_qualifications_and_what_was_delivered_fulfil_prerequisites_and_a_mere_order_does_not() -> None:
    trained = KnownCustomer("ann", qualifications=frozenset({"school"}), fulfilled=frozenset({"practice"}))
    given(created()).when(add_item, ADD, FakeCatalogue(NURSE, trained)).then(LINE)
    buyer = KnownCustomer("ann", bought=frozenset({"school", "practice"}))
    given(created()).when(add_item, ADD, FakeCatalogue(NURSE, buyer)).then_refused(PrerequisitesNotMet)


def test_who_is_not_known_yet_may_add_a_certification_but_not_buy_it_without_the_prerequisites() -> None:
    catalogue = FakeCatalogue(NURSE)
    lock = partial(lock_cart, catalogue=catalogue, policy=DEFAULT_POLICY)
    command = contract.Lock(cart_id=CART, checkout_id=CHECKOUT, step=STEP, customer_id="ann", guest=True)
    scenario = given(created(customer_id=None)).when(add_item, ADD, catalogue).then(LINE)
    (refused,) = scenario.when(lock, command).work.facts
    assert isinstance(refused, contract.LockRefused)
    assert (refused.code, refused.missing) == ("PREREQUISITES_NOT_MET", ("school", "practice"))
