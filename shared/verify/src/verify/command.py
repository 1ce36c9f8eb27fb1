"""`feira verify`: check the invariants across databases, topics and ledger, or show the last result."""

from typing import Annotated

import typer

from cli.commands.last_verification import Last, show_last
from cli.output import print_json


def add_to(app: typer.Typer) -> None:
    app.command()(verify)


def verify(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    settle: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for work in flight; the rest is not checked.")
    ] = 30.0,
    page: Annotated[int, typer.Option(min=1, max=100_000, help="Rows per page.")] = 5_000,
    report: Annotated[
        bool, typer.Option("--report", help="Store the verdicts in projections, for `--last` and alerts.")
    ] = False,
    last: Last = False,
    key: Annotated[str | None, typer.Option("--key", envvar="FEIRA_KEY", help="A key of role ops.")] = None,
) -> None:
    """Check all invariants. Exit 0 if they hold; otherwise show the violations and exit 1."""
    import asyncio

    from cli import addresses
    from cli.console import new_console
    from verify.progress import Progress
    from verify.render import print_report
    from verify.reporting import store_report
    from verify.run import verify as run

    if last:
        show_last(key, as_json=as_json)
        return
    stack = addresses.running(needed=["urls", "databases", "kafka"])
    key = addresses.key_for(stack, key)
    with Progress(new_console(stderr=True)) as progress:
        found = asyncio.run(run(stack, key, settle, progress, page))
    if as_json:
        print_json(found.as_json())
    else:
        print_report(found, new_console())
    if report:
        store_report(found, key)
    if not found.holds:
        raise typer.Exit(1)
