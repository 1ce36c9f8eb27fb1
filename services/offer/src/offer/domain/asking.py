"""What every answer says of its question: which checkout asked, at which step."""

from typing import TypedDict
from uuid import UUID

from contracts.envelope import Command


class Asked(TypedDict):
    checkout_id: UUID
    step: str


def asked_by(command: Command) -> Asked:
    return Asked(checkout_id=command.checkout_id, step=command.step)


UNDONE = "CHECKOUT_CANCELLED", "the checkout has already given up what it asks for"
"""Code and detail for a request that comes after its own undoing."""
