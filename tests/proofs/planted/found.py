"""What a catcher has found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Broken:
    """A rule, and how it was told to be broken."""

    rule: str
    what: str


@dataclass
class Found:
    effort: str
    """What it took: how many seeds, which run."""
    broken: list[Broken] = field(default_factory=list)


@dataclass(frozen=True)
class Report:
    code: Sequence[str]
    """The files that the packages were imported from."""
    seconds: float
    found: Found
