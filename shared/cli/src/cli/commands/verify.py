"""`feira verify`: hold the running stack to its promises, its databases, topics and ledger."""

import asyncio
from typing import Annotated

import typer

from cli.output import print_json


def add_to(app: typer.Typer) -> None:
    app.command()(verify)


def verify(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    settle: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for what is under way; the rest is not judged.")
    ] = 30.0,
    page: Annotated[int, typer.Option(min=1, max=100_000, help="Rows to read at a time.")] = 5_000,
    key: Annotated[str, typer.Option("--key", envvar="FEIRA_KEY", help="A key of role ops.")] = "demo-ops",
) -> None:
    """Compare everything with everything; exit 0 when all promises hold, 1 with the rows that break any."""
    from cli.console import new_console
    from cli.stack import client
    from cli.verify.progress import Progress
    from cli.verify.render import print_report
    from cli.verify.run import verify as run

    addresses = client.running()
    with Progress(new_console(stderr=True)) as progress:
        report = asyncio.run(run(addresses, key, settle, progress, page))
    if as_json:
        print_json(report.as_json())
    else:
        print_report(report, new_console())
    if not report.holds:
        raise typer.Exit(1)
