"""Tell the person at the terminal how the stack comes up."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from cli.console import from_markup


class Report:
    """Lines on a terminal, one per phase with its time; the stack goes on where they cannot be written."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._fetching: Progress | None = None
        self._began = time.monotonic()

    @contextmanager
    def phase(self, text: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self._print(from_markup(f"  [green]✓[/] {text:<44} [dim]{time.monotonic() - began:5.1f} s[/]"))

    def fetched(self, done: int, total: int) -> None:
        """Show how many of Kafka's jars are here; they are fetched on a machine's first start only."""
        if self._fetching is None:
            columns = (TextColumn("    fetching Kafka's jars"), BarColumn(), MofNCompleteColumn())
            self._fetching = Progress(*columns, console=self.console, transient=True)
            self._fetching.add_task("jars", total=total)
            self._fetching.start()
        self._fetching.update(self._fetching.task_ids[0], completed=done)
        if done == total:
            self._fetching.stop()
            self._fetching = None

    def ready(self, state: Mapping[str, Any]) -> None:
        """Say where everything listens."""
        table = Table(box=None, show_header=False, pad_edge=False)
        for name, url in state["urls"].items():
            table.add_row(f"  {name}", url)
        table.add_row("  kafka", state["kafka"])
        table.add_row("  postgres", state["postgres"].rpartition("@")[2].partition("/")[0])
        self._print(table)
        self._print(
            from_markup(f"[bold green]ready[/] in {time.monotonic() - self._began:.1f} s; Ctrl-C stops it")
        )

    def _print(self, shown: RenderableType) -> None:
        with suppress(OSError):
            self.console.print(shown)

    def close(self) -> None:
        """Give the terminal back, whatever was being shown."""
        if self._fetching:
            self._fetching.stop()
