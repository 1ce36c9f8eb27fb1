"""What a catcher has found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Violation:
    """A rule that is broken, and how."""

    rule: str
    what: str


@dataclass
class Findings:
    effort: str
    """What it took: how many seeds, which run."""
    violations: list[Violation] = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    code: Sequence[str]
    """The files that the packages were imported from."""
    seconds: float
    findings: Findings
