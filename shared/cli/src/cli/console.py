"""Where commands draw for people: a terminal, or whatever takes its place. ``saying`` is for plain lines.

What strangers have written is shown and not obeyed, be it an escape sequence or markup.
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
        # before the library drops some of it without a trace
        return super().render_str(escape_control(text), **how)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(escape_control(segment.text), segment.style)


def new_console(*, stderr: bool = False) -> SafeConsole:
    """What does not go to a terminal is not cut to the width of one."""
    console = SafeConsole(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = FILE_WIDTH
    return console


def from_markup(text: str) -> Text:
    """Our own words with markup: nothing else has any."""
    return Text.from_markup(text, emoji=False)
