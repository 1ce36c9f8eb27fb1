"""The request and the view of fraud reviews."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from checkout_saga.checkout.domain.checkout import Checkout
from checkout_saga.checkout.domain.checkout_state import DECLINE
from checkout_saga.payments.schemas import OperatorsReason
from kernel.http.descriptions import Word
from kernel.http.requests import Id

REVIEW_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "ReviewDecision": Word("What people have decided about a payment in review."),
        "ReviewDecision.decision": Word("approve: it is captured; decline: it is given up.", "approve"),
        "remove_lines": Word("Lines that are not sold; the payment is captured without them.", []),
        "ReviewView": Word("A payment that waits for a review."),
        "HeldRuleView": Word("A fraud rule that held."),
        "ReviewView.rules": Word("The rules that held."),
        "ReviewView.amount": Word("What is to be paid, in minor units.", 13695),
        "ReviewView.since": Word("When the review began."),
        "ReviewView.until": Word("When it ends by the shop's settings."),
        "HeldRuleView.id": Word("The rule's name.", "04-customer-attempts-review"),
        "count": Word("What it counted.", 5),
    }
)


class ReviewDecision(OperatorsReason):
    decision: Literal["approve", "decline"]
    remove_lines: Annotated[tuple[Id, ...], Field(max_length=50)] = ()

    @model_validator(mode="after")
    def _check_lines(self) -> Self:
        if self.remove_lines and self.decision == DECLINE:
            raise ValueError("Lines are removed only from what is approved.")
        return self


class HeldRuleView(BaseModel):
    id: str
    dimension: str | None = None
    count: int
    threshold: int


class ReviewView(BaseModel):
    checkout_id: UUID
    customer_id: str
    amount: int
    currency: str
    rules: list[HeldRuleView]
    since: datetime
    until: datetime


def show_review(checkout: Checkout, _now: datetime) -> ReviewView:
    """Raises ``RuntimeError`` for a checkout that is not in review."""
    review, sale, screened = checkout.review, checkout.agreed_sale, checkout.attempt_now.screened
    if review is None or screened is None:
        raise RuntimeError("the checkout is not in review")
    return ReviewView(
        checkout_id=checkout.id,
        customer_id=checkout.customer_id,
        amount=sale.totals.total,
        currency=sale.currency,
        rules=[
            HeldRuleView(id=it.id, dimension=it.dimension or None, count=it.count, threshold=it.threshold)
            for it in screened.rules
        ],
        since=review.since,
        until=review.until,
    )
