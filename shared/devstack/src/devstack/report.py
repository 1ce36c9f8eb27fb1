"""Progress of the stack's start on the terminal."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from cli.console import from_markup


class Report:
    """Prints one line per phase with its duration. Write errors are ignored: the stack keeps running."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._progress: Progress | None = None
        self._began = time.monotonic()

    @contextmanager
    def phase(self, text: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self._print(from_markup(f"  [green]✓[/] {text:<44} [dim]{time.monotonic() - began:5.1f} s[/]"))

    def fetched(self, done: int, total: int) -> None:
        """Show the progress of the download of Kafka's jars, on a machine's first start."""
        if self._progress is None:
            columns = (TextColumn("    downloading Kafka's jars"), BarColumn(), MofNCompleteColumn())
            self._progress = Progress(*columns, console=self.console, transient=True)
            self._progress.add_task("jars", total=total)
            self._progress.start()
        self._progress.update(self._progress.task_ids[0], completed=done)
        if done == total:
            self._progress.stop()
            self._progress = None

    def ready(self, state: Mapping[str, Any]) -> None:
        """Print the addresses of all parts."""
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
        """Stop the progress bar, if there is one."""
        if self._progress:
            self._progress.stop()
