"""Watch the stack on this machine with a real Prometheus: ``make watch``.

Shows the key panels of the dashboards and the firing alerts in the terminal, and the URL of Prometheus' page.
"""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.live import Live
from rich.table import Table

from cli.console import new_console
from cli.errors import StackError
from cli.home import home_of
from cli.output import print_json
from deploy.observability.dashboards.boards import key_panels
from deploy.observability.live.client import PrometheusClient
from deploy.observability.live.panels import values
from deploy.observability.live.server import RunningPrometheus, prometheus
from deploy.observability.live.targets import targets
from devstack.status import read_status

PORT = 9490
SCRAPE_SECONDS = 2.0
REFRESH_SECONDS = 2.0
FIRST_RATES_SECONDS = 4 * SCRAPE_SECONDS
"""A rate needs two scrapes; four give the relays and groups time to be seen."""
STOPPED = "No stack runs on this machine: feira up"


def watch(
    once: Annotated[bool, typer.Option("--once", help="Show it once, and end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON once, and end.")] = False,
    port: Annotated[int, typer.Option(help="Port of Prometheus.")] = PORT,
) -> None:
    """Run Prometheus beside the stack, and show key panels and alerts until Ctrl-C."""
    processes = _processes()
    if not processes:
        raise StackError(STOPPED)
    folder = Path(home_of()) / "prometheus"
    with prometheus(folder, port, targets(processes), scrape_seconds=SCRAPE_SECONDS) as running:
        if once or as_json:
            time.sleep(FIRST_RATES_SECONDS)
            if as_json:
                print_json(snapshot(running.client))
            else:
                new_console().print(view(snapshot(running.client)))
        else:
            _until_interrupted(running)


def _processes() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read_status()["processes"]
    return found


def _until_interrupted(running: RunningPrometheus) -> None:
    with Live(console=new_console(), screen=False, auto_refresh=False) as live:
        while True:
            live.update(view(snapshot(running.client)), refresh=True)
            time.sleep(REFRESH_SECONDS)
            running.scrape(targets(_processes()))


def snapshot(client: PrometheusClient) -> dict[str, Any]:
    """Panels and alerts, as printed with ``--json``."""
    alerts = sorted(client.alerts(), key=lambda it: (it.state, it.labels.get("severity", ""), it.name))
    return {
        "url": client.url,
        "targets": dict(client.targets()),
        "alerts": [
            {"name": it.name, "state": it.state, "labels": dict(it.labels), **it.annotations} for it in alerts
        ],
        "panels": [
            {
                "title": panel.title,
                "values": [
                    {"series": it.series, "value": it.value, "shown": it.shown}
                    for it in values(panel, client)
                ],
            }
            for panel in key_panels()
        ],
    }


def view(found: dict[str, Any]) -> Group:
    panels = Table(box=None, pad_edge=False)
    panels.add_column("Panel")
    panels.add_column("Now", overflow="fold")
    for panel in found["panels"]:
        shown = "   ".join(f"{it['series']} {it['shown']}" for it in panel["values"])
        panels.add_row(panel["title"], shown or "-")
    alerts = Table(box=None, pad_edge=False)
    for column in ("State", "Severity", "Alert", "What it says"):
        alerts.add_column(column)
    for it in found["alerts"]:
        alerts.add_row(it["state"], it["labels"].get("severity", ""), it["name"], it.get("summary", ""))
    if not found["alerts"]:
        alerts.add_row("-", "", "no alert is pending or firing", "")
    down = [pod for pod, health in found["targets"].items() if health != "up"]
    note = f"not scraped: {', '.join(down)}" if down else f"{len(found['targets'])} processes are scraped"
    return Group(panels, "", alerts, "", f"{note}; Prometheus: {found['url']}")


def main() -> None:
    # as Ctrl-C: the block that runs Prometheus is left
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
        app.command()(watch)
        app()
    except StackError as problem:
        raise SystemExit(f"feira: {problem}") from None
    except KeyboardInterrupt:
        raise SystemExit(0) from None


if __name__ == "__main__":
    main()
