"""The address of a reply: the process and the step of the command that it answers."""

from typing import NamedTuple
from uuid import UUID

from contracts.envelope import Command

CANCELLED_EARLIER = "CHECKOUT_CANCELLED", "The checkout was cancelled before this request arrived."
"""Code and detail for a command that arrives after its own compensation."""


class ReplyTo(NamedTuple):
    process_id: UUID
    step: str


def reply_to(command: Command) -> ReplyTo:
    return ReplyTo(command.process_id, command.step)
