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

MOST_OF_ONE_ITEM = 10
FEWEST_SEATS = 2
MOST_SEATS = 1000

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
    elif quantity > MOST_OF_ONE_ITEM:
        raise MaxItemQuantityExceeded(f"a line holds at most {MOST_OF_ONE_ITEM}", maximum=MOST_OF_ONE_ITEM)


def check_company(product_id: UUID, details: Details, lines: Iterable[Line]) -> None:
    """Whether more of the product may come to these lines."""
    if details.type == COURSE and any(it.product_id == product_id for it in lines):
        raise DuplicateCourseInCart("this course is in the cart already")
    if details.type == SUBSCRIPTION and any(it.product_type == SUBSCRIPTION for it in lines):
        raise MultipleSubscriptionsNotAllowed("there is a subscription in the cart already")


def _check_seats(details: Details, seats: int) -> None:
    fewest = max(FEWEST_SEATS, details.min_users or 0)
    most = min(MOST_SEATS, details.max_users or MOST_SEATS)
    if seats < fewest:
        raise InvalidQuantity(f"this licence begins at {fewest} seats", minimum=fewest)
    if seats > most:
        raise MaxItemQuantityExceeded(f"this licence ends at {most} seats", maximum=most)
