"""The rich console of all commands, for tables and progress; ``output`` writes plain lines and JSON.

Foreign text is escaped: neither terminal escape sequences nor markup in it take effect.
"""

import os
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from cli.output import escape_control

FILE_WIDTH = 160


class SafeConsole(Console):
    def render_str(self, text: str, **how: Any) -> Text:
        # rich would drop some control characters silently
        return super().render_str(escape_control(text), **how)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(escape_control(segment.text), segment.style)


def new_console(*, stderr: bool = False) -> SafeConsole:
    """A console on stdout or stderr. Output to a file is not cut to a terminal's width."""
    console = SafeConsole(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = FILE_WIDTH
    return console


def from_markup(text: str) -> Text:
    """Text with rich markup. For literals of this program only, never for foreign text."""
    return Text.from_markup(text, emoji=False)
