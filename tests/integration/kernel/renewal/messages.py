"""The messages of a toy business: a process that renews subscriptions, and its two participants."""

from __future__ import annotations

from uuid import UUID

from contracts.envelope import Command, Fact, Reply
from contracts.registry import MessageRegistry, TopicMessages


class Requested(Fact):
    TYPE = "renewal.requested"

    account_id: UUID
    months: int


class StepBegun(Fact):
    TYPE = "renewal.step_begun"

    step: str


class StepEnded(Fact):
    TYPE = "renewal.step_ended"

    step: str
    outcome: str
    """completed, refused or compensated."""


class CompensationBegun(Fact):
    TYPE = "renewal.compensation_begun"

    reason: str


class Ended(Fact):
    TYPE = "renewal.ended"

    outcome: str
    """completed or failed."""


class Charge(Command):
    TYPE = "billing.charge"

    account_id: UUID
    months: int


class Refund(Command):
    TYPE = "billing.refund"


class ChargeRequested(Fact):
    TYPE = "billing.charge_requested"

    account_id: UUID


class Charged(Reply):
    TYPE = "billing.charged"


class ChargeRefused(Reply):
    TYPE = "billing.charge_refused"


class Refunded(Reply):
    TYPE = "billing.refunded"


class Extend(Command):
    TYPE = "access.extend"

    account_id: UUID
    months: int


class Withdraw(Command):
    TYPE = "access.withdraw"


class Extended(Reply):
    TYPE = "access.extended"


class ExtensionRefused(Reply):
    TYPE = "access.extension_refused"


class Withdrawn(Reply):
    TYPE = "access.withdrawn"


MESSAGES = MessageRegistry(
    [
        TopicMessages(
            "renewal.events",
            "/feira/renewal",
            (Requested, StepBegun, StepEnded, CompensationBegun, Ended),
        ),
        TopicMessages("billing.commands", "/feira/renewal", (Charge, Refund)),
        TopicMessages("access.commands", "/feira/renewal", (Extend, Withdraw)),
        TopicMessages(
            "billing.events", "/feira/billing", (ChargeRequested, Charged, ChargeRefused, Refunded)
        ),
        TopicMessages("access.events", "/feira/access", (Extended, ExtensionRefused, Withdrawn)),
    ]
)
"""The registry of this business alone: none of the messages of Feira's services is in it."""
