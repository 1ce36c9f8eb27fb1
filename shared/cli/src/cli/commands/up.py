"""`feira up`: the whole stack on this machine, in the foreground."""

from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    app.command()(up)


def up(
    fresh: Annotated[bool, typer.Option("--fresh", help="Begin with an empty home.")] = False,
) -> None:
    """Run the whole stack in the foreground; Ctrl-C stops it cleanly."""
    from cli.console import new_console
    from cli.stack import settings
    from cli.stack.report import Report
    from cli.stack.services import SERVICES
    from cli.stack.supervisor import supervise

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
