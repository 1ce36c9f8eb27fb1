"""A journey's figures: what had to be, and what was found."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table
from rich.text import Text

from demo.figures import dollars


@dataclass(frozen=True, slots=True)
class Figure:
    what: str
    wanted: str
    found: str

    @property
    def holds(self) -> bool:
        return self.wanted == self.found


@dataclass
class Story:
    """The chapters of a journey, in the order in which they happened, each with its figures."""

    chapters: dict[str, list[Figure]] = field(default_factory=dict)

    def begin(self, chapter: str) -> None:
        self.chapters[chapter] = []

    def check(self, what: str, wanted: object, found: object) -> None:
        """A figure of the current chapter."""
        self.chapters[next(reversed(self.chapters))].append(Figure(what, str(wanted), str(found)))

    def check_money(self, what: str, wanted: int, found: int) -> None:
        """``wanted`` and ``found`` in cents."""
        self.check(what, dollars(wanted), dollars(found))

    def problems(self) -> list[str]:
        return [
            f"{chapter}: {it.what}: {it.found} instead of {it.wanted}"
            for chapter, figures in self.chapters.items()
            for it in figures
            if not it.holds
        ]


def tables(story: Story) -> Iterable[Table]:
    for chapter, figures in story.chapters.items():
        table = Table(title=chapter, title_justify="left", box=None, pad_edge=False)
        for heading in ("", "expected", "found", ""):
            table.add_column(heading, justify="left" if not heading else "right")
        for it in figures:
            tick = Text("✓", "green") if it.holds else Text("✗", "bold red")
            table.add_row(it.what, it.wanted, it.found, tick)
        yield table


def as_json(name: str, story: Story) -> dict[str, Any]:
    return {
        "journey": name,
        "ok": not story.problems(),
        "chapters": [
            {
                "name": chapter,
                "figures": [
                    {"what": it.what, "wanted": it.wanted, "found": it.found, "holds": it.holds}
                    for it in figures
                ],
            }
            for chapter, figures in story.chapters.items()
        ],
    }
