"""`feira status`: how the stack on this machine stands."""

import json
from typing import Annotated, Any

import typer


def add_to(app: typer.Typer) -> None:
    app.command()(status)


def status(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show every process of the stack; exit 0 when it is ready and 1 when not."""
    from cli.stack import client

    found = client.status()
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    elif found["state"] == "down":
        client.running()
    else:
        _show(found)
    if found["state"] != "ready":
        raise typer.Exit(1)


def _show(found: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("process", "pid", "state", "restarts", "memory", title=f"stack: {found['state']}")
    table.add_column("address", no_wrap=True, overflow="fold")
    for it in found["processes"]:
        memory = f"{it['rss_bytes'] / 1e6:.0f} MB"
        table.add_row(it["name"], str(it["pid"] or "-"), it["state"], str(it["restarts"]), memory, it["url"])
    Console().print(table)
