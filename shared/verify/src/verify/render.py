"""Print the result of a verification."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.console import from_markup
from verify.check import Result
from verify.report import Report

HOLDS, BROKEN, UNAVAILABLE = Text("✓", "green"), Text("✗", "red"), Text("-", "yellow")


def print_report(report: Report, console: Console) -> None:
    table = Table("", "check", "compared", "broken", "rule")
    for result in report.results:
        broken = f"{result.violations:,}" if result.violations else ""
        table.add_row(_mark(result), result.check, f"{result.compared:,}", broken, result.rule)
    console.print(table)
    for result in report.results:
        if result.unavailable:
            console.print(f"{result.check} could not be made: {result.unavailable}.", soft_wrap=True)
    if skipped := [it for it in report.results if it.verdict == "not_judged"]:
        names = ", ".join(it.check for it in skipped)
        console.print(f"{names} not judged: {skipped[0].not_judged}.", soft_wrap=True)
    for result in report.results:
        _show_rows(result, console)
    console.print(_listed("compared", report.compared), soft_wrap=True)
    console.print(_listed("in flight, not checked", report.in_flight), soft_wrap=True)
    console.print(_verdict(report), soft_wrap=True)


def _mark(result: Result) -> Text:
    if result.violations:
        return BROKEN
    return UNAVAILABLE if result.unavailable or result.not_judged else HOLDS


def _show_rows(result: Result, console: Console) -> None:
    for row in result.rows:
        text = ", ".join(
            f"{name} {value}" for name, value in row.items() if name != "what" and value is not None
        )
        console.print(f"{result.check}: {row['what']}: {text}", soft_wrap=True)
    if result.violations > len(result.rows):
        console.print(f"{result.check}: and {result.violations - len(result.rows):,} more")


def _listed(what: str, counts: dict[str, int]) -> str:
    text = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items() if count)
    return f"{what}: {text or 'nothing'}"


def _verdict(report: Report) -> Text:
    broken = [it.check for it in report.results if it.violations]
    made = sum(it.verdict in {"holds", "violated"} for it in report.results)
    took = f"({report.seconds:.1f} s)"
    if broken:
        return from_markup(f"[red]{', '.join(broken)} of {made} checks found violations[/] {took}")
    if not report.holds:
        return from_markup(f"[red]{made} checks hold, but not all could be made[/] {took}")
    return from_markup(f"[green]all of {made} checks hold[/] {took}")
