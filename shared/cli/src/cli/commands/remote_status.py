"""`feira status` of remote services. feira-devstack adds the status of the stack on this machine."""

import asyncio
import time
from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

import typer

from cli.output import print_json

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Key = Annotated[str | None, typer.Option("--key", envvar="FEIRA_KEY", help="A key of role ops.")]
Watch = Annotated[
    float | None,
    typer.Option(min=0.5, metavar="SECONDS", help="Show it again and again, until Ctrl-C."),
]
Read: TypeAlias = Callable[[], dict[str, Any]]


def add_to(app: typer.Typer) -> None:
    app.command()(status)


def status(as_json: AsJson = False, watch: Watch = None, key: Key = None) -> None:
    """Show whether the services are ready, with versions and figures. Exit 0 if all are ready, else 1."""
    from cli import addresses
    from cli.errors import StackError

    if addresses.is_stack():
        raise StackError(
            "No context is in use, see `feira context list`; the stack on a machine needs feira-devstack."
        )
    show_remote_status(key, watch, as_json=as_json)


def show_remote_status(key: str | None, watch: float | None, *, as_json: bool) -> None:
    """Print the status; exit 1 unless all services are ready. Raises ``StackError``."""
    from cli import addresses
    from cli.console import new_console
    from cli.remote_status import read_remote_status
    from cli.remote_status_view import remote_status_view

    at = addresses.running()
    console = new_console()

    def show(found: dict[str, Any]) -> None:
        if as_json:
            print_json(found, indent=2 if watch is None else None)
        else:
            console.print(remote_status_view(found))

    last = show_repeatedly(lambda: asyncio.run(read_remote_status(at, key)), show, watch)
    if last["state"] != "ready":
        raise typer.Exit(1)


def show_repeatedly(
    read: Read, show: Callable[[dict[str, Any]], None], watch: float | None
) -> dict[str, Any]:
    """Read and show once, or every ``watch`` seconds until Ctrl-C. Returns what was shown last."""
    while True:
        found = read()
        if watch is not None:
            clear_screen()
        show(found)
        if watch is None:
            return found
        try:
            time.sleep(watch)
        except KeyboardInterrupt:
            return found


def clear_screen() -> None:
    """On a terminal; a file gets one status after the other."""
    from cli.console import new_console

    console = new_console()
    if console.is_terminal:
        console.clear()
