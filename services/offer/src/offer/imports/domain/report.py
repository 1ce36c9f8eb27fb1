"""What became of each line of a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from contracts import import_ as facts
from kernel.domain import Aggregate, FieldPath, Refused
from offer.imports.domain.errors import InvalidLine

Outcome = Literal["created", "changed", "unchanged", "failed"]


@dataclass(frozen=True, slots=True)
class LineReport:
    line: int
    key: str | None
    outcome: Outcome
    id: UUID | None = None
    code: str | None = None
    detail: str | None = None
    pointer: str | None = None


def failed(line: int, key: str | None, refused: Refused | InvalidLine) -> LineReport:
    return LineReport(line, key, "failed", None, refused.code, refused.detail, pointer_to(refused.field))


def pointer_to(field: FieldPath) -> str | None:
    return "#/" + "/".join(str(it) for it in field) if field else None


class Import(Aggregate):
    """A stream of one fact."""

    def initialise(self) -> None:
        """It has no state."""

    def complete(self, kind: str, report: Iterable[LineReport]) -> None:
        counts = Counter(it.outcome for it in report)
        self.record(
            facts.Completed(
                kind=kind,
                lines=counts.total(),
                created=counts["created"],
                changed=counts["changed"],
                unchanged=counts["unchanged"],
                failed=counts["failed"],
            )
        )

    def evolve(self, fact: facts.ImportFact) -> None:
        """It has no state."""
