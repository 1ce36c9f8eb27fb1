"""How many units of a product a line may hold, and which products exclude one another in a cart."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from cart.carts.domain.errors import (
    CourseQuantityLimit,
    DuplicateCourseInCart,
    InvalidQuantity,
    MaxItemQuantityExceeded,
    MultipleSubscriptionsNotAllowed,
    SubscriptionQuantityLimit,
)
from cart.carts.domain.line import Line
from contracts.product import Details

MAX_ITEM_QUANTITY = 10
MIN_SEATS = 2
MAX_SEATS = 1000

COURSE = "course"
SUBSCRIPTION = "subscription"
TEAM_LICENSE = "team_license"


def check_quantity(details: Details, quantity: int) -> None:
    """``quantity``: the units that the line will hold in all."""
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


def check_combination(product_id: UUID, details: Details, lines: Iterable[Line]) -> None:
    """Refuse a product that one of these lines excludes."""
    if details.type == COURSE and any(line.product_id == product_id for line in lines):
        raise DuplicateCourseInCart("This course is in the cart already.")
    if details.type == SUBSCRIPTION and any(line.product_type == SUBSCRIPTION for line in lines):
        raise MultipleSubscriptionsNotAllowed("There is a subscription in the cart already.")


def _check_seats(details: Details, seats: int) -> None:
    minimum = max(MIN_SEATS, details.min_users or 0)
    maximum = min(MAX_SEATS, details.max_users or MAX_SEATS)
    if seats < minimum:
        raise InvalidQuantity(f"This licence has at least {minimum} seats.", minimum=minimum)
    if seats > maximum:
        raise MaxItemQuantityExceeded(f"This licence has at most {maximum} seats.", maximum=maximum)
