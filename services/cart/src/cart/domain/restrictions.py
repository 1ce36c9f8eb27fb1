"""How many of a product one line may hold, and what may not lie beside it in one cart."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from cart.domain.errors import (
    CourseQuantityLimit,
    DuplicateCourseInCart,
    InvalidQuantity,
    MaxItemQuantityExceeded,
    MultipleSubscriptionsNotAllowed,
    SubscriptionQuantityLimit,
)
from cart.domain.line import Line
from contracts.product import Details

MAX_ITEM_QUANTITY = 10
MIN_SEATS = 2
MAX_SEATS = 1000

COURSE = "course"
SUBSCRIPTION = "subscription"
TEAM_LICENSE = "team_license"


def check_quantity(details: Details, quantity: int) -> None:
    """``quantity`` is what the line is going to hold, all together."""
    if quantity < 1:
        raise InvalidQuantity("a line holds at least one unit")
    if details.type == TEAM_LICENSE:
        _check_seats(details, quantity)
    elif details.type == COURSE and quantity > 1:
        raise CourseQuantityLimit("a course is bought once")
    elif details.type == SUBSCRIPTION and quantity > 1:
        raise SubscriptionQuantityLimit("an order holds one subscription")
    elif quantity > MAX_ITEM_QUANTITY:
        raise MaxItemQuantityExceeded(f"a line holds at most {MAX_ITEM_QUANTITY}", maximum=MAX_ITEM_QUANTITY)


def check_combination(product_id: UUID, details: Details, lines: Iterable[Line]) -> None:
    """Whether more of the product may come to these lines."""
    if details.type == COURSE and any(it.product_id == product_id for it in lines):
        raise DuplicateCourseInCart("this course is in the cart already")
    if details.type == SUBSCRIPTION and any(it.product_type == SUBSCRIPTION for it in lines):
        raise MultipleSubscriptionsNotAllowed("there is a subscription in the cart already")


def _check_seats(details: Details, seats: int) -> None:
    fewest = max(MIN_SEATS, details.min_users or 0)
    most = min(MAX_SEATS, details.max_users or MAX_SEATS)
    if seats < fewest:
        raise InvalidQuantity(f"this licence begins at {fewest} seats", minimum=fewest)
    if seats > most:
        raise MaxItemQuantityExceeded(f"this licence ends at {most} seats", maximum=most)
