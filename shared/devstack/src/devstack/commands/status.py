"""`feira status`: status and health of the stack on this machine, or of remote services."""

from typing import Annotated, Any

import typer

from cli.commands.remote_status import AsJson, Key, Watch
from cli.output import print_json


def add_to(app: typer.Typer) -> None:
    app.command()(status)


def status(
    as_json: AsJson = False,
    show_secrets: Annotated[
        bool, typer.Option("--show-secrets", help="Include the databases' URLs with passwords.")
    ] = False,
    watch: Watch = None,
    key: Key = None,
) -> None:
    """Show processes, versions, lag, open checkouts and parked records. Exit 0 if ready, else 1."""
    from cli import addresses
    from cli.commands.remote_status import show_remote_status, show_repeatedly
    from cli.console import new_console
    from devstack.status import read_status
    from devstack.status_view import print_status

    if not addresses.is_stack():
        show_remote_status(key, watch, as_json=as_json)
        return
    if not as_json and read_status()["state"] == "down":
        addresses.running()  # says how to start one
    console = new_console()

    def show(found: dict[str, Any]) -> None:
        if as_json:
            print_json(found, indent=2 if watch is None else None)
        else:
            print_status(console, found, found)

    last = show_repeatedly(lambda: _read(key or addresses.DEMO_KEY, show_secrets=show_secrets), show, watch)
    if last["state"] != "ready":
        raise typer.Exit(1)


def _read(key: str, *, show_secrets: bool) -> dict[str, Any]:
    import asyncio

    from devstack.health import read_health
    from devstack.status import read_status, superuser_urls

    found = read_status(show_secrets=show_secrets)
    runs_kafka = any(it["name"] == "kafka" for it in found["processes"])
    processes = {it["name"]: it["url"] for it in found["processes"] if it["url"].startswith("http")}
    reading = read_health(
        superuser_urls(), found["kafka"], found["urls"], key, processes=processes, runs_kafka=runs_kafka
    )
    return found | asyncio.run(reading)
