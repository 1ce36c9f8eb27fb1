"""`feira saga`: checkouts under way, and what each has been through."""

import json
from typing import Annotated
from uuid import UUID

import typer

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Key = Annotated[str, typer.Option("--key", envvar="FEIRA_KEY", help="A key of role ops.")]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Checkouts and their steps.", no_args_is_help=True)
    group.command("list")(list_sagas)
    group.command("show")(show_saga)
    app.add_typer(group, name="saga")


def list_sagas(
    status: Annotated[
        str | None, typer.Option(help="processing, requires_action, compensating or needs_operator.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many at most.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
    as_json: AsJson = False,
    key: Key = "demo-ops",
) -> None:
    """Show the checkouts that have not ended yet, the oldest first."""
    from cli.reading import ask
    from cli.screen import screen
    from cli.timeline import sagas_table

    found = ask("checkout-saga", "/v1/sagas", key, status=status, limit=limit, cursor=cursor)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    console = screen()
    console.print(sagas_table(found["items"]))
    if found["next_cursor"]:
        console.print(f"more with --cursor {found['next_cursor']}", soft_wrap=True)


def show_saga(
    checkout_id: Annotated[UUID, typer.Argument(metavar="ID")], as_json: AsJson = False, key: Key = "demo-ops"
) -> None:
    """Show one checkout's steps, one under the other: when, how long, and what was taken back."""
    from cli.reading import ask
    from cli.screen import screen
    from cli.timeline import heading, timeline

    found = ask("checkout-saga", f"/v1/checkouts/{checkout_id}", key)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    console = screen()
    for line in heading(found):
        console.print(line, markup=False, soft_wrap=True)
    console.print(timeline(found["steps"]))
