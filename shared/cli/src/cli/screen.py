"""Where commands write for people: a terminal, or whatever takes its place."""

import os

from rich.console import Console

WIDTH_OF_A_FILE = 160


def screen(*, stderr: bool = False) -> Console:
    """What does not go to a terminal is not cut to the width of one."""
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDTH_OF_A_FILE
    return console
