"""The facts of reconciliations: runs that compare a provider's list with the log, and what they found.

``since`` and ``until`` bound the provider's time of what is compared. Amounts are minor units of
``currency``.
"""

from datetime import datetime
from uuid import UUID

from contracts.envelope import Fact


class Started(Fact):
    """What the run will ask for; it ends with ``reconciliation.completed``."""

    TYPE = "reconciliation.started"
    account_id: UUID
    gateway: str
    since: datetime
    until: datetime


class Completed(Fact):
    """``theirs`` and ``ours`` count what was compared; ``open``: the differences that an operator has to
    resolve, of those that this run has met."""

    TYPE = "reconciliation.completed"
    account_id: UUID
    gateway: str
    since: datetime
    until: datetime
    theirs: int
    ours: int
    matched: int
    repaired: int
    open: int
    failure: str | None = None
    """Why the rest of the window was not compared; None: all of it was."""


class DifferenceFound(Fact):
    """Its stream is the difference; ``provider.money_found`` is recorded with it where money was found."""

    TYPE = "reconciliation.difference_found"
    account_id: UUID
    gateway: str
    code: str
    kind: str
    """What differs: ``authorization``, ``capture``, ``refund`` or ``dispute``; also any other call to the
    provider, ``webhook`` or ``clearing``."""
    reference: str
    """The provider's id, or the one that the log has."""
    currency: str
    """Empty if it is about no amount."""
    theirs: int | None = None
    """None: the provider has no such movement."""
    ours: int | None = None
    """None: the log has no such movement."""
    payment_id: UUID | None = None
    checkout_id: UUID | None = None
    detail: str | None = None
    """More about it, in a sentence."""


class DifferenceResolved(Fact):
    """An operator has decided. ``accepted`` moves no money; ``returned``: it was given back at the provider;
    ``assigned``: it belongs to ``payment_id``."""

    TYPE = "reconciliation.difference_resolved"
    operator: str
    resolution: str
    reason: str
    payment_id: UUID | None = None


ReconciliationFact = Started | Completed | DifferenceFound | DifferenceResolved
