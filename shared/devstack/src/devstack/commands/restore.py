"""`feira restore`: put a backup in the place of the stack's databases."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.output import print_line


def add_to(app: typer.Typer) -> None:
    app.command()(restore)


def restore(
    folder: Annotated[Path, typer.Argument(help="A backup that `feira backup` has made.")],
    until: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%SZ"],
            help="Recover to this time, such as 2026-11-29T12:30:00Z, from FEIRA_WAL_ARCHIVE.",
        ),
    ] = None,
) -> None:
    """Restore the databases of the stack on this machine, which must not run, and recover their logs."""
    from datetime import UTC

    from cli.console import new_console
    from devstack import settings
    from devstack.log_recovery import sentences
    from devstack.report import Report
    from devstack.restore import restore as restore_stack
    from devstack.services import SERVICES

    replicable = tuple(service.name for service in SERVICES if service.replicable)
    report = Report(new_console())
    moment = until if until is None or until.tzinfo else until.replace(tzinfo=UTC)
    try:
        reports = restore_stack(
            folder.expanduser().resolve(), settings.read(replicable), report, until=moment, say=print_line
        )
    finally:
        report.close()
    for it in reports:
        for sentence in sentences(it):
            print_line(sentence)
    print_line(
        "Read models follow by themselves. Next: `feira up`, and then `feira verify`, which names the "
        "captures that the simulated gateway, on the same server, has lost (M3, M6)."
    )
    if any("error" in it for it in reports):
        raise typer.Exit(1)
