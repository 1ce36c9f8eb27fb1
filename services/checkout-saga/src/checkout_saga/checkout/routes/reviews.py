"""The routes of fraud reviews: the open ones, and how people decide them."""

from __future__ import annotations

from fastapi import Response

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.errors import NotRemovable, ReviewClosed, ReviewNotFound
from checkout_saga.checkout.domain.index_keys import OPEN_REVIEW
from checkout_saga.checkout.schemas.reviews import ReviewDecision, ReviewView, show_review
from checkout_saga.checkout.schemas.views import CheckoutView, view_of
from checkout_saga.checkout.use_cases import reviewing
from checkout_saga.checkout.use_cases.reviewing import DecideReview, find_review
from contracts.roles import ADMINS, REVIEWERS
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import execute
from kernel.http.lists import list_by_key, owners
from kernel.http.paging import Page, Paged
from kernel.http.requests import PathId
from kernel.http.route_tables import Route, RouteTable


async def list_reviews(read: Read, paging: Paged) -> Response:
    """The payments that wait for a review, oldest first."""
    return await list_by_key(
        read, paging, OPEN_REVIEW, owners(Checkout), show_review, keep=lambda it: it.in_review
    )


async def decide_review(checkout_id: PathId, body: ReviewDecision, write: Write) -> Response:
    """Let a payment pass, also without some lines, or decline it: then the checkout is given up."""
    lines = tuple(map(str, body.remove_lines))
    command = DecideReview(checkout_id, body.decision, body.reason, lines)
    return await execute(
        write, find_review, checkout_id, lambda work: reviewing.decide_review(command, work), view_of
    )


ALL = "/v1/fraud/reviews"
TO_DECIDE = (ReviewNotFound, ReviewClosed, NotRemovable)
ROUTES = RouteTable(
    "fraud reviews",
    (
        Route("GET", ALL, list_reviews, REVIEWERS, Page[ReviewView]),
        Route("POST", f"{ALL}/{{checkout_id}}/decision", decide_review, ADMINS, CheckoutView, TO_DECIDE),
    ),
)
