"""The attempts of one checkout to pay: one after the other, each with a payment of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from checkout_saga.checkout.domain.waits import PUSH_METHODS
from checkout_saga.fraud.domain.rules import ALLOW, REVIEW
from checkout_saga.payments.domain.names import payment_id_of
from contracts.checkout import PaymentAttempted, Screened, Started
from contracts.screening import Screening
from kernel.process.state import Reason


class Attempt(NamedTuple):
    number: int
    """Counts from 1."""
    payment_id: UUID
    gateway: str
    method: str
    token: str
    """Encrypted; empty if the method needs none."""
    instalments: Mapping[str, Any] | None = None
    return_url: str | None = None
    pay_until: datetime | None = None
    place: int | None = None
    """Which of the customer's places for payments of hours or days it takes."""
    reference: str | None = None
    """The provider's id of the authorization, as far as it has named one before the end of the step."""
    begun: int = 0
    """How often the step has begun for this attempt: the first time it is authorized, then confirmed."""
    begun_at: datetime | None = None
    """When the step began for the first time: nothing that the provider did for this attempt is older."""
    declined: Reason | None = None
    leaves: bool = False
    """It was declined, and what is left of it at the provider is not voided yet."""
    screening: Screening | None = None
    """None: it is not screened."""
    screened: Screened | None = None
    """What was decided then."""
    approved: bool = False
    """The review has let it pass."""

    @property
    def verdict(self) -> str:
        """What the screening decides, as far as it is acted on."""
        return self.screened.decision if self.screened and self.screened.enforced else ALLOW

    @property
    def needs_screening(self) -> bool:
        return self.screening is not None and self.screened is None

    @property
    def needs_review(self) -> bool:
        return self.verdict == REVIEW and not self.approved

    @property
    def is_unasked(self) -> bool:
        """Nothing was asked of the provider yet: there is nothing to confirm and nothing to void."""
        return self.needs_screening or (self.is_push and self.needs_review)

    @property
    def confirmations(self) -> int:
        return max(0, self.begun - 1)

    @property
    def is_push(self) -> bool:
        """The customer pays at a bank, hours or days later, and nothing is ever held."""
        return self.method in PUSH_METHODS

    @property
    def is_over(self) -> bool:
        """It was declined, and nothing of it is left at the provider."""
        return self.declined is not None and not self.leaves


def first_attempt(checkout_id: UUID, fact: Started) -> Attempt:
    return Attempt(
        1,
        payment_id_of(checkout_id),
        fact.gateway,
        fact.payment_method,
        fact.payment_token,
        fact.instalments,
        fact.return_url,
        fact.pay_until,
        fact.place,
        screening=fact.screening,
    )


def further_attempt(fact: PaymentAttempted, before: Attempt) -> Attempt:
    return Attempt(
        fact.attempt,
        fact.payment_id,
        fact.gateway,
        fact.method,
        fact.payment_token,
        fact.instalments,
        fact.return_url or before.return_url,
        fact.pay_until,
        fact.place,
        screening=fact.screening,
    )
