"""`feira up`: run the stack on this machine in the foreground."""

from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    app.command()(up)


def up(
    fresh: Annotated[bool, typer.Option("--fresh", help="Start with an empty state directory.")] = False,
) -> None:
    """Run the stack in the foreground. Ctrl-C stops it."""
    from cli.console import new_console
    from devstack import settings
    from devstack.report import Report
    from devstack.services import SERVICES
    from devstack.supervisor import supervise

    console = new_console()
    replicable = tuple(service.name for service in SERVICES if service.replicable)
    chosen = settings.read(replicable)
    report = Report(console)
    console.print(f"Feira in {chosen.home}")
    try:
        supervise(chosen, report, fresh=fresh)
    finally:
        report.close()
    console.print("stopped")
