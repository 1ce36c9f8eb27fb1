"""`feira spend`: what the shop has spent to be found, by channel and day."""

from datetime import datetime
from typing import Annotated

import typer

from cli.commands.saga import AsJson

AnalystKey = Annotated[
    str | None, typer.Option("--key", envvar="FEIRA_KEY", help="A key of role analyst or admin.")
]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Marketing spend.", no_args_is_help=True)
    group.command("list")(list_spend)
    app.add_typer(group, name="spend")


def list_spend(
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day; by default any.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day; by default any.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Maximum number of rows.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="The cursor of the next page.")] = None,
    as_json: AsJson = False,
    key: AnalystKey = None,
) -> None:
    """List what counts now, by channel, day and currency, the latest day first."""
    from cli.http_client import get
    from cli.pages import print_page
    from cli.shop_tables import spend_table
    from cli.spend_lines import PATH

    days = {name: f"{day:%Y-%m-%d}" for name, day in (("from", first), ("to", last)) if day}
    found = get("projections", PATH, key, **days, limit=limit, cursor=cursor)
    print_page(found, spend_table, as_json=as_json)
