"""Rules for showing progress where there is no terminal."""

import io

from rich.console import Console

from demo.progress_bar import ProgressBar


def lines_for(total: int) -> list[str]:
    written = io.StringIO()
    with ProgressBar(Console(file=written, width=100), "purchases", total).running() as meter:
        for _ in range(total):
            meter.tick()
    return written.getvalue().splitlines()


def test_many_items_print_ten_lines() -> None:
    lines = lines_for(2_000)
    assert len(lines) == 10
    assert lines[0].startswith("  purchases: 200 of 2,000, ")
    assert "s left" in lines[0] and "left" not in lines[-1]


def test_few_items_print_one_line_each() -> None:
    assert lines_for(1)[-1].startswith("  purchases: 1 of 1, ")
