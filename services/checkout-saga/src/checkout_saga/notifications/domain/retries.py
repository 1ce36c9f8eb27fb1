"""When a message that was not taken is tried again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

PAUSES = (
    *(timedelta(seconds=it) for it in (1, 4, 16, 64)),
    *(timedelta(minutes=it) for it in (5, 15)),
    *(timedelta(hours=it) for it in (1, 2, 4, 8, 16)),
)
"""After the first try, the second, and so on; after the last one it has failed."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What the timer of a notification remembers. It leaves no facts: nothing was visible."""

    tries: int = 0
    """Without effect so far."""
    answered: int = 0
    """Transfers that had begun and were refused by the server."""

    left_out: int = 0
    """How many messages like it were left out before it."""

    def after_refusal(self, *, in_transfer: bool) -> Progress:
        return replace(self, tries=self.tries + 1, answered=self.answered + in_transfer)

    @property
    def pause(self) -> timedelta | None:
        """Until the next try; None: there is none."""
        return PAUSES[self.tries - 1] if self.tries <= len(PAUSES) else None
