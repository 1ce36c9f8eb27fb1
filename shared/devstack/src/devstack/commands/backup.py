"""`feira backup`: back up the PostgreSQL server of the stack on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from cli.output import print_json, print_line

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Back up the databases of the stack on this machine.")
    group.callback(invoke_without_command=True)(backup)
    group.command("list")(list_backups)
    group.command()(check)
    app.add_typer(group, name="backup")


def backup(
    context: typer.Context,
    to: Annotated[
        Path | None, typer.Option("--to", help="A new folder. Default: one in FEIRA_HOME/backups.")
    ] = None,
    with_secrets: Annotated[
        bool,
        typer.Option("--with-secrets", help="Include the master key and passwords: who has it reads all."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Back up all databases at one moment, while the stack runs. Kafka's topics are a copy of them."""
    if context.invoked_subcommand:
        return
    from dataclasses import asdict

    from cli import addresses
    from cli.errors import StackError
    from cli.home import home_of
    from devstack import backups, settings

    if settings.read(()).postgres != "embedded":
        raise StackError("FEIRA_POSTGRES is not embedded: back that server up by its own means.")
    at = addresses.running(needed=("databases",))
    home = home_of()
    folder = (to or home / "backups" / backups.default_name()).expanduser().resolve()
    found = backups.create(folder, at.postgres, dict(at.databases), home, secrets=with_secrets)
    if as_json:
        print_json(asdict(found) | {"folder": str(folder)})
        return
    print_line(f"{folder}: {found.bytes / 1e6:.0f} MB, every file with its SHA-256.")
    if with_secrets:
        print_line("It holds the master key and all passwords: only you may be able to read it.", stderr=True)
    else:
        print_line(f"It holds no secrets: keep a copy of {home / 'secrets.json'} elsewhere.")


def list_backups(
    folder: Annotated[Path | None, typer.Argument(help="Default: FEIRA_HOME/backups.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the complete backups in a folder, the latest first."""
    from dataclasses import asdict

    from cli.home import home_of
    from devstack import backups

    found = backups.find(folder or home_of() / "backups")
    if as_json:
        print_json([asdict(it) | {"folder": str(where)} for where, it in found])
        return
    for where, it in found:
        print_line(f"{it.made_at}  {it.bytes / 1e6:6.0f} MB  {where}")
    if not found:
        print_line("There are no backups here.")


def check(folder: Annotated[Path, typer.Argument(help="A backup.")]) -> None:
    """Compare every file of a backup with its checksum. Exit 1 if one differs or is missing."""
    from devstack import backups

    found = backups.check(folder)
    print_line(f"The backup of {found.made_at} is complete: every file has its checksum.")
