"""What the service consumes: a handler for each kind of message."""

from __future__ import annotations

from checkout_saga.checkout.proposed_upsells import ProposedUpsells
from checkout_saga.checkout.workflow import CHECKOUTS
from checkout_saga.notifications.cart_facts import CartFacts
from checkout_saga.notifications.reward_facts import RewardFacts
from checkout_saga.subscriptions.plan_facts import PlanFacts
from kernel.messaging.batch import Handler
from kernel.process.reply_handler import ReplyHandler

RECEIVED = (
    *CHECKOUTS.workflow.outcomes,
    *CartFacts.types,
    *ProposedUpsells.types,
    *RewardFacts.types,
    *PlanFacts.types,
)
"""The types of all messages that are handled."""


def handlers_of(group: str, *, has_mail: bool) -> list[Handler]:
    """``has_mail``: whether there is a mail server."""
    return [
        ReplyHandler(group, CHECKOUTS),
        CartFacts(has_channel=has_mail),
        RewardFacts(has_mail=has_mail),
        ProposedUpsells(),
        PlanFacts(),
    ]
