"""What If-Match is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Versioned(Protocol):
    """An aggregate, or a row with a version of its own."""

    @property
    def version(self) -> int: ...

    @property
    def exists(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class RowVersion:
    """Of a row that exists."""

    version: int
    exists: bool = True
