"""The facts of what a payment provider has done with a tenant's money without being asked.

Each movement has a stream of its own, derived from the account and the provider's id of the movement. Amounts
are minor units of ``currency``.
"""

from datetime import datetime
from uuid import UUID

from contracts.envelope import Fact


class Movement(Fact):
    account_id: UUID
    gateway: str
    reference: str
    """The provider's id of the movement."""
    amount: int
    currency: str
    moved_at: datetime
    """By the provider's clock."""


class FeeCharged(Movement):
    TYPE = "provider.fee_charged"


class PaidOut(Movement):
    """The provider has transferred money to the tenant's bank."""

    TYPE = "provider.paid_out"


class MoneyFound(Movement):
    """Money at the provider that no checkout accounts for."""

    TYPE = "provider.money_found"
    payment_id: UUID | None = None
    """As the provider names it; None: it names none."""


ProviderFact = FeeCharged | PaidOut | MoneyFound
