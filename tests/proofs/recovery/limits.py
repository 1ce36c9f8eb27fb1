"""Time limits for a purchase that begins when a part is killed, in seconds from the kill."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.proofs.verdict import number


@dataclass(frozen=True)
class Limits:
    """``SLOWNESS=3`` allows three times as long, for a machine that also does other work."""

    slowness: int = field(default_factory=lambda: number("SLOWNESS", 1))
    server: float = 20.0
    """PostgreSQL recovers from its log; Kafka starts a Java runtime and reads its data."""
    service: float = 3.0
    """A new process takes over the dead one's partitions."""

    def of(self, part: str) -> float:
        return self.slowness * (self.server if part in {"postgres", "kafka"} else self.service)
