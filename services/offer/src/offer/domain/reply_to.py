"""Where a reply goes: the process and the step of the command that it answers."""

from typing import TypedDict
from uuid import UUID

from contracts.checkout_requests import CheckoutCommand


class ReplyTo(TypedDict):
    """The fields that a ``CheckoutReply`` repeats from its command."""

    checkout_id: UUID
    step: str


def reply_to(command: CheckoutCommand) -> ReplyTo:
    return ReplyTo(checkout_id=command.process_id, step=command.step)


CANCELLED_EARLIER = "CHECKOUT_CANCELLED", "the checkout has already given up what it asks for"
"""Code and detail for a command that arrives after its own compensation."""
