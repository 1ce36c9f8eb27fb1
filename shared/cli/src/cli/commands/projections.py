"""`feira projections`: list, rebuild and verify read models."""

from typing import Annotated, Literal

import typer

from cli.output import print_json

KEY = typer.Option("--key", envvar="FEIRA_KEY", help="A key of role ops.")
JSON = typer.Option("--json", help="Print JSON.")
NAME = typer.Argument(help="The read model, or `all`.")


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Read models.", no_args_is_help=True)
    group.command("list")(list_projections)
    group.command()(rebuild)
    group.command()(verify)
    app.add_typer(group, name="projections")


def list_projections(as_json: Annotated[bool, JSON] = False, key: Annotated[str | None, KEY] = None) -> None:
    """Show each read model's version, position, lag and state."""
    from rich.table import Table

    from cli.console import new_console
    from cli.http_client import get

    found = get("projections", "/v1/projections", key, limit=100)
    if as_json:
        print_json(found)
        return
    table = Table("name", "version", "position", "lag", "state")
    for model in found["items"]:
        events, seconds = model["lag"]["events"], model["lag"]["seconds"]
        behind = "?" if events is None else f"{events:,} events, {seconds or 0:.1f} s"
        position = sum(model["position"].values())
        table.add_row(model["name"], str(model["version"]), f"{position:,}", behind, model["state"])
    new_console().print(table)


def rebuild(
    name: Annotated[str, NAME],
    as_json: Annotated[bool, JSON] = False,
    key: Annotated[str | None, KEY] = None,
) -> None:
    """Rebuild a read model from the topics while it is in use, swap it in, and show the differences."""
    _run("rebuild", name, key, as_json=as_json)


def verify(
    name: Annotated[str, NAME],
    as_json: Annotated[bool, JSON] = False,
    key: Annotated[str | None, KEY] = None,
) -> None:
    """Compare the live read model with a rebuilt one. Exit 1 and show the rows that differ."""
    _run("verify", name, key, as_json=as_json)


def _run(kind: Literal["rebuild", "verify"], name: str, key: str | None, *, as_json: bool) -> None:
    from cli.console import new_console
    from cli.errors import StackError
    from cli.rebuild import print_runs, run_to_completion

    items, refusals = run_to_completion(kind, name, key)
    if as_json:
        print_json({"items": items, "refusals": refusals})
    else:
        print_runs(items, new_console())
    if refusals:
        raise StackError(" ".join(refusals))
    differ = kind == "verify" and any(it["run"]["differences"] for it in items)
    if differ or any(it["run"]["state"] != "completed" for it in items):
        raise typer.Exit(1)
