"""A planted bug: a patch whose first line says what is wrong, and who must catch it by which rule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "bugs"
FIRST_LINE = re.compile(r"(?P<what>.+); caught by (?P<by>.+)\.")
CATCHER = re.compile(r"(?P<name>\w+) \((?P<rules>[^)]+)\)")


@dataclass(frozen=True)
class Catcher:
    """Who looks for it, and the rules by which it must be found: what is reported for another reason, such as
    code that does not run at all, is not caught."""

    name: str
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Bug:
    patch: Path
    what: str
    catchers: tuple[Catcher, ...]
    """From the cheapest on: each is tried only where those before it have found nothing."""

    @property
    def name(self) -> str:
        return self.patch.stem

    @classmethod
    def of(cls, patch: Path) -> Bug:
        first = patch.read_text().partition("\n")[0]
        told = FIRST_LINE.fullmatch(first)
        if told is None:
            raise ValueError(f"{patch.name} does not say what it is and who catches it: {first}")
        catchers = tuple(
            Catcher(it["name"], tuple(it["rules"].split(", "))) for it in CATCHER.finditer(told["by"])
        )
        return cls(patch, told["what"], catchers)


def bugs() -> list[Bug]:
    return [Bug.of(it) for it in sorted(FOLDER.glob("*.patch"))]
