"""Start rebuilds and verifications of read models, show their progress, and print the results."""

from __future__ import annotations

import time
from typing import Any, Literal

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.progress import TimeRemainingColumn as Remaining
from rich.table import Table
from rich.text import Text

from cli.console import new_console
from cli.errors import StackError
from cli.http_client import get, post

POLL_INTERVAL_SECONDS = 0.2
ALL = "all"
Item = dict[str, Any]
Kind = Literal["rebuild", "verify"]


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text("" if task.speed is None else f"{task.speed:,.0f} events/s")


def run_to_completion(kind: Kind, name: str, key: str | None) -> tuple[list[Item], list[str]]:
    """Run on one read model, or on ``all`` concurrently. Returns the finished runs, and the refusals as
    text."""
    names = [name] if name != ALL else [it["name"] for it in _all(key)]
    runs: dict[str, str] = {}
    refusals: list[str] = []
    for model in names:
        try:
            runs[model] = post("projections", f"/v1/projections/{model}/{kind}", key)["run_id"]
        except StackError as refusal:
            refusals.append(str(refusal))
    done: dict[str, Item] = {}
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), Remaining())
    console = new_console(stderr=True)
    with Progress(*shown, console=console, disable=not console.is_terminal) as progress:
        bars = {it: progress.add_task(it, total=None) for it in runs}
        while len(done) < len(runs):
            for model, run_id in runs.items():
                if model in done:
                    continue
                found = get("projections", f"/v1/projections/{model}", key)
                run = found["run"]
                total = run["events_total"] or None
                progress.update(
                    bars[model],
                    completed=run["events_done"],
                    total=total,
                    description=f"{model}: {run['phase']}",
                )
                # another run id: this run has ended, and a later one has started
                if run["state"] != "running" or run["run_id"] != run_id:
                    done[model] = found
            time.sleep(0 if len(done) == len(runs) else POLL_INTERVAL_SECONDS)
    return [done[it] for it in runs], refusals


def print_runs(items: list[Item], console: Console) -> None:
    for item in items:
        run = item["run"]
        console.print(f"{item['name']}: {_sentence(run)}")
        if run["sample"]:
            console.print(_rows(run))


def _sentence(run: Item) -> str:
    if run["state"] != "completed":
        return f"the {run['kind']} has failed, and the live read model is unchanged. {run['error']}"
    text = f"{run['events_done']:,} events read, "
    if run["set_aside"]:
        text += f"{run['set_aside']:,} of them skipped because they are parked or discarded, "
    if not run["differences"]:
        return text + ("rebuilt; no row differed." if run["kind"] == "rebuild" else "all rows are equal.")
    rows = "1 row differs" if run["differences"] == 1 else f"{run['differences']:,} rows differ"
    return text + (f"rebuilt; {rows} from before." if run["kind"] == "rebuild" else f"{rows}.")


def _rows(run: Item) -> Table:
    table = Table("table", "live" if run["kind"] == "verify" else "before", "from the topics")
    for row in run["sample"]:
        table.add_row(*map(Text, (row["table"], _row(row["live"]), _row(row["rebuilt"]))))
    return table


def _row(row: Item | None) -> str:
    return "-" if row is None else " ".join(f"{name}={value}" for name, value in row.items())


def _all(key: str | None) -> list[Item]:
    items: list[Item] = get("projections", "/v1/projections", key, limit=100)["items"]
    return items
