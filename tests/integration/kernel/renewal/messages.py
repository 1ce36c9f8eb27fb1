"""The messages of a toy business: a process that renews subscriptions, and its two participants."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from contracts import process
from contracts.envelope import Command, Fact, Reply
from contracts.registry import MessageRegistry, TopicMessages


class Requested(Fact):
    TYPE = "renewal.requested"

    account_id: UUID
    months: int
    deadline: datetime


class Advanced(process.Advanced):
    TYPE = "renewal.advanced"


class CompensationStarted(process.CompensationStarted):
    TYPE = "renewal.compensation_started"


class ActionRequired(process.ActionRequired):
    TYPE = "renewal.action_required"


class WaitingBegan(process.WaitingBegan):
    TYPE = "renewal.waiting_began"


class DeadlineMoved(process.DeadlineMoved):
    TYPE = "renewal.deadline_moved"


class OperatorNeeded(process.OperatorNeeded):
    TYPE = "renewal.operator_needed"


class OperatorRetried(process.OperatorRetried):
    TYPE = "renewal.operator_retried"


class OperatorGaveUp(process.OperatorGaveUp):
    TYPE = "renewal.operator_gave_up"


class OperatorResolved(process.OperatorResolved):
    TYPE = "renewal.operator_resolved"


class Completed(Fact):
    TYPE = "renewal.completed"


class Failed(Fact):
    TYPE = "renewal.failed"

    code: str


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

    code: str
    detail: str


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

    code: str
    detail: str


class Withdrawn(Reply):
    TYPE = "access.withdrawn"


MESSAGES = MessageRegistry(
    [
        TopicMessages(
            "renewal.events",
            "/feira/renewal",
            (
                Requested,
                Advanced,
                CompensationStarted,
                ActionRequired,
                WaitingBegan,
                DeadlineMoved,
                OperatorNeeded,
                OperatorRetried,
                OperatorGaveUp,
                OperatorResolved,
                Completed,
                Failed,
            ),
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
