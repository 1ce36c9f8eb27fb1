"""How many units of a product a line may hold, which products exclude one another in a cart, and what a
customer must have for a certification."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from cart.carts.domain.errors import (
    CourseQuantityLimit,
    DuplicateCourseInCart,
    InvalidQuantity,
    MaxItemQuantityExceeded,
    MultipleSubscriptionsNotAllowed,
    PrerequisitesNotMet,
    SubscriptionQuantityLimit,
)
from cart.carts.domain.line import Line
from cart.catalogue.domain.customers import KnownCustomer
from cart.catalogue.domain.products import Product
from contracts.product import Details

MAX_ITEM_QUANTITY = 10
MIN_SEATS = 2
MAX_SEATS = 1000

COURSE = "course"
SUBSCRIPTION = "subscription"
TEAM_LICENSE = "team_license"
CERTIFICATION = "certification"


def check_quantity(details: Details, quantity: int) -> None:
    """``quantity``: the units of the product that the line will hold in all."""
    if quantity < 1:
        raise InvalidQuantity("An item has at least one unit.")
    if details.type == TEAM_LICENSE:
        _check_seats(details, quantity)
    elif details.type == COURSE and quantity > 1:
        raise CourseQuantityLimit("A course can be bought only once.")
    elif details.type == SUBSCRIPTION and quantity > 1:
        raise SubscriptionQuantityLimit("An order holds only one subscription.")
    elif quantity > MAX_ITEM_QUANTITY:
        raise MaxItemQuantityExceeded(
            f"An item has at most {MAX_ITEM_QUANTITY} units.", maximum=MAX_ITEM_QUANTITY
        )


def room_for(details: Details, units: int, held: int) -> int:
    """How many more of a line that holds ``held`` fit, each of so many units; other rules are apart."""
    maximum = MAX_ITEM_QUANTITY
    if details.type == TEAM_LICENSE:
        maximum = min(MAX_SEATS, details.max_users or MAX_SEATS)
    return maximum // units - held


def check_combination(new: Product, lines: Collection[Line], products: Mapping[UUID, Product]) -> None:
    """Refuse a product that one of these lines excludes. ``products``: those of the lines."""
    if new.details.type == SUBSCRIPTION and any(line.product_type == SUBSCRIPTION for line in lines):
        raise MultipleSubscriptionsNotAllowed("There is a subscription in the cart already.")
    courses = courses_in(new)
    for line in lines if courses else ():
        held = products.get(line.product_id)
        is_same_bundle = line.product_id == new.product_id and new.details.type != COURSE
        if held is not None and not is_same_bundle and not courses.isdisjoint(courses_in(held)):
            raise DuplicateCourseInCart("This course is in the cart already.")


def courses_in(product: Product) -> frozenset[UUID]:
    """The courses that are bought with the product: itself, or those of a bundle."""
    itself = (product.product_id,) if product.details.type == COURSE else ()
    return frozenset((*itself, *product.courses))


def check_prerequisites(products: Collection[Product], customer: KnownCustomer | None) -> None:
    """Refuse certifications for which the customer has not what they require; what is in the same cart does
    not count. None passes: it is checked again when the customer is known.

    Raises PrerequisitesNotMet.
    """
    if customer is None:
        return
    required = [
        it
        for product in products
        if product.details.type == CERTIFICATION
        for it in product.details.prerequisites
    ]
    if missing := customer.lacks(required):
        raise PrerequisitesNotMet("The customer lacks what a certification requires.", missing=missing)


def _check_seats(details: Details, seats: int) -> None:
    minimum = max(MIN_SEATS, details.min_users or 0)
    maximum = min(MAX_SEATS, details.max_users or MAX_SEATS)
    if seats < minimum:
        raise InvalidQuantity(f"This licence has at least {minimum} seats.", minimum=minimum)
    if seats > maximum:
        raise MaxItemQuantityExceeded(f"This licence has at most {maximum} seats.", maximum=maximum)


def check_gift_seats(details: Details, seats: int, quantity: int) -> None:
    """Seats for others are among those that are bought."""
    if not 0 <= seats <= (quantity if details.type == TEAM_LICENSE else 0):
        raise InvalidQuantity("Only seats of a team licence can be for others, at most all of them.")
