"""How long a purchase may take that begins with the death of a part, in seconds from the kill."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.proofs.verdict import number


@dataclass(frozen=True)
class Limits:
    """``SLOWNESS=3`` allows three times as long, for a machine on which other work runs besides."""

    slowness: int = field(default_factory=lambda: number("SLOWNESS", 1))
    server: float = 20.0
    """PostgreSQL recovers from its log; Kafka starts a Java runtime and reads what it has stored."""
    service: float = 3.0
    """A new process takes over the place of the dead one among the readers of a topic."""

    def of(self, part: str) -> float:
        return self.slowness * (self.server if part in {"postgres", "kafka"} else self.service)
