"""What has become of each record of a batch: one outcome for each, however many handlers the group has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from kernel.messaging.deduplication import NewDeadLetter
from kernel.messaging.inbound import InboundMessage

Outcome: TypeAlias = Literal["skipped", "repeated", "handled", "parked"]
RANKS: dict[Outcome, int] = {"skipped": 0, "repeated": 1, "handled": 2, "parked": 3}
"""Where the handlers of a group differ over a record, the outcome of the highest rank is the record's."""


@dataclass(slots=True)
class Outcomes:
    repeats: int = 0
    """Records that were left out before a handler was asked."""
    of_record: dict[int, Outcome] = field(default_factory=dict)
    """By the identity of the record, which the batch holds."""

    def note(self, outcome: Outcome, noted: Iterable[InboundMessage | NewDeadLetter]) -> None:
        for it in noted:
            known = self.of_record.setdefault(id(it.record), outcome)
            if RANKS[outcome] > RANKS[known]:
                self.of_record[id(it.record)] = outcome

    def counts(self) -> Counter[str]:
        counted: Counter[str] = Counter(self.of_record.values())
        counted["repeated"] += self.repeats
        return counted
