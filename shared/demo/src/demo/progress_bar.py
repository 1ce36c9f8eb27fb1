"""Progress of the demo: a bar on a terminal, ten lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class Rate(ProgressColumn):
    """Recent items per second."""

    def render(self, task: Task) -> Text:
        rate = task.finished_speed or task.speed
        return Text(f"{rate:,.0f}/s" if rate else "-/s", style="cyan")


class ProgressBar:
    """Counts finished items."""

    def __init__(self, console: Console, label: str, total: int) -> None:
        self.done = 0
        self.total = total
        self._console = console
        self._label = label
        self._began = time.monotonic()
        self._bar: Progress | None = None
        if console.is_terminal:
            columns = (TextColumn("  {task.description:<12}"), BarColumn(), MofNCompleteColumn(), Rate())
            self._bar = Progress(SpinnerColumn(), *columns, TimeRemainingColumn(), console=console)
            self._task = self._bar.add_task(label, total=total)

    def tick(self) -> None:
        self.done += 1
        if self._bar:
            self._bar.advance(self._task)
        elif _tenths(self.done, self.total) > _tenths(self.done - 1, self.total):
            self._console.print(self.line())

    def line(self) -> str:
        rate = self.rate
        left = f", {(self.total - self.done) / rate:.0f} s left" if self.done < self.total else ""
        return f"  {self._label}: {self.done:,} of {self.total:,}, {rate:,.0f}/s{left}"

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    @property
    def rate(self) -> float:
        return self.done / max(self.seconds, 1e-6)

    @contextmanager
    def running(self) -> Iterator["ProgressBar"]:
        if self._bar is None:
            yield self
            return
        with self._bar:
            yield self


def _tenths(done: int, total: int) -> int:
    return 10 * done // total
