"""Print one page of a list: as a table with the way to the next page, or as JSON."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rich.table import Table

from cli.console import new_console
from cli.output import print_json

View = Mapping[str, Any]


def print_page(page: View, table_of: Callable[[Iterable[View]], Table], *, as_json: bool) -> None:
    if as_json:
        print_json(page)
        return
    console = new_console()
    console.print(table_of(page["items"]))
    if line := more_line(page):
        console.print(line, soft_wrap=True)


def more_line(page: View) -> str | None:
    return f"There are more: use --cursor {page['next_cursor']}." if page["next_cursor"] else None
