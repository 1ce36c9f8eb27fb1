"""A mutant: a likely bug, as changes of the product's code that are found by their content.

One TOML file each: ``what`` is wrong, the ``catchers`` with the rules by which each must find it (cheapest
first), and the ``changes``: the ``old`` text that becomes the ``new`` one in a package. No file, function or
line is named, so that code can be moved without touching its mutants.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "catalogue"
SUFFIXES = {".py", ".sql"}


class DoesNotApply(Exception):
    """The code that a mutant changes is not found in its package, or not as often as the mutant says."""


@dataclass(frozen=True)
class Catcher:
    """A proof, and the rules by which it must find the mutant. Violations of other rules do not count: the
    mutant may not run at all."""

    name: str
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    package: str
    """An import package of the product, such as ``kernel``."""
    old: str
    """Compared without regard to the kind and amount of white space."""
    new: str
    """Indented as ``old`` is where it is found. Empty: delete the text, with its lines."""
    count: int = 1
    """How often the text stands in the package."""

    def files(self, root: Path) -> list[Path]:
        folders = list(root.glob(f"*/*/src/{self.package}"))
        return sorted(it for folder in folders for it in folder.rglob("*") if it.suffix in SUFFIXES)

    def apply(self, root: Path) -> list[Path]:
        """Change the copy of the tree at ``root``. Returns the files changed; raises ``DoesNotApply``."""
        pattern = self._pattern()
        texts = {path: path.read_text() for path in self.files(root)}
        found = {path: pattern.findall(text) for path, text in texts.items()}
        places = sum(map(len, found.values()))
        if places != self.count:
            raise DoesNotApply(
                f"expected {self.count} times, found {places} times in {self.package}: {self.old}"
            )
        changed = [path for path, matches in found.items() if matches]
        for path in changed:
            path.write_text(pattern.sub(self._replacement, texts[path]))
        return changed

    def _pattern(self) -> re.Pattern[str]:
        words = r"\s+".join(map(re.escape, self.old.split()))
        first, last = self.old.strip()[0], self.old.strip()[-1]
        before, after = r"\b" if re.match(r"\w", first) else "", r"\b" if re.match(r"\w", last) else ""
        text = rf"{before}{words}{after}" if self.new.strip() else rf"^[ \t]*{words}[ \t]*\n"
        return re.compile(text, re.MULTILINE)

    def _replacement(self, match: re.Match[str]) -> str:
        line = match.string[match.string.rfind("\n", 0, match.start()) + 1 :]
        indent = line[: len(line) - len(line.lstrip())]
        return self.new.strip().replace("\n", f"\n{indent}") if self.new.strip() else ""


@dataclass(frozen=True)
class Mutant:
    name: str
    what: str
    catchers: tuple[Catcher, ...]
    """The cheapest first: each is tried only if those before it have found nothing."""
    changes: tuple[Change, ...]

    @classmethod
    def load(cls, path: Path) -> Mutant:
        """Raises ``ValueError`` if the file does not have the form of a mutant."""
        fields: dict[str, Any] = tomllib.loads(path.read_text())
        try:
            catchers = tuple(Catcher(name, tuple(rules)) for name, rules in fields["catchers"].items())
            changes = tuple(Change(**change) for change in fields["changes"])
            return cls(path.stem, fields["what"], catchers, changes)
        except (KeyError, TypeError) as error:
            raise ValueError(f"{path.name} is no mutant: {error}") from None

    def apply(self, root: Path) -> Iterator[Path]:
        """Change the copy of the tree at ``root``. Yields the files changed; raises ``DoesNotApply``."""
        for change in self.changes:
            try:
                yield from change.apply(root)
            except DoesNotApply as error:
                raise DoesNotApply(f"{self.name}: {error}") from None


def mutants() -> list[Mutant]:
    return [Mutant.load(path) for path in sorted(FOLDER.glob("*.toml"))]
