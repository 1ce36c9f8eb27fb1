"""`feira verify`: check the invariants of the running stack across databases, topics and ledger."""

from typing import Annotated

import typer

from cli.output import print_json


def add_to(app: typer.Typer) -> None:
    app.command()(verify)


def verify(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    settle: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for work in flight; the rest is not checked.")
    ] = 30.0,
    page: Annotated[int, typer.Option(min=1, max=100_000, help="Rows per page.")] = 5_000,
    key: Annotated[str, typer.Option("--key", envvar="FEIRA_KEY", help="A key of role ops.")] = "demo-ops",
) -> None:
    """Check all invariants. Exit 0 if they hold; otherwise show the violations and exit 1."""
    import asyncio

    from cli import addresses
    from cli.console import new_console
    from verify.progress import Progress
    from verify.render import print_report
    from verify.run import verify as run

    stack = addresses.running(needed=["urls", "databases", "kafka"])
    with Progress(new_console(stderr=True)) as progress:
        report = asyncio.run(run(stack, key, settle, progress, page))
    if as_json:
        print_json(report.as_json())
    else:
        print_report(report, new_console())
    if not report.holds:
        raise typer.Exit(1)
