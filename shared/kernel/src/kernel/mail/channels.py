"""What sending needs of a server: a message is announced first, and transferred in a second step."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Protocol


class NotTaken(Exception):
    """The server has not taken the message, so it is not visible. The text holds no address."""

    def __init__(
        self,
        reply: int | None = None,
        *,
        for_good: bool = False,
        timed_out: bool = False,
        pause: timedelta = timedelta(0),
    ) -> None:
        super().__init__(f"not taken, reply {reply}")
        self.reply = reply
        self.for_good = for_good
        """Refused with a code that says that trying again is of no use."""
        self.timed_out = timed_out
        self.pause = pause
        """How long the server wants to be left alone at least."""


class OutcomeUnknown(Exception):
    """The server has not answered after the transfer began: the message may be visible."""


class Transfer(Protocol):
    """A connection on which the server has accepted sender and recipient."""

    async def deliver(self, message: bytes) -> None:
        """Returns once the server has taken the message. Raises ``NotTaken`` or ``OutcomeUnknown``."""


class Channel(Protocol):
    def begin(self, address: str) -> AbstractAsyncContextManager[Transfer]:
        """Connect, and name sender and recipient, as far as the channel has that. Raises ``NotTaken``."""


class Mailer(Channel, Protocol):
    sender: str
    """The address and name from which messages come."""
