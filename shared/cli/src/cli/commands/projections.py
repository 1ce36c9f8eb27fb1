"""`feira projections`: the read models, and how far each has come."""

import json
from typing import Annotated

import typer

KEY = typer.Option("--key", envvar="FEIRA_KEY", help="A key of role ops.")


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="The read models.", no_args_is_help=True)
    group.command("list")(list_projections)
    app.add_typer(group, name="projections")


def list_projections(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    key: Annotated[str, KEY] = "demo-ops",
) -> None:
    """Show each read model's version, position, lag and state."""
    from rich.table import Table

    from cli.reading import ask
    from cli.screen import screen

    found = ask("projections", "/v1/projections", key, limit=100)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    table = Table("name", "version", "position", "behind by", "state")
    for it in found["items"]:
        behind = "?" if it["lag"]["events"] is None else f"{it['lag']['events']:,} events"
        position = sum(it["position"].values())
        table.add_row(it["name"], str(it["version"]), f"{position:,}", behind, it["state"])
    screen().print(table)
