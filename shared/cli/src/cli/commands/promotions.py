"""`feira promotions`: what is taken off prices, and how often it was used."""

from typing import Annotated

import typer

from cli.commands.saga import AsJson, ServiceKey


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Promotions.", no_args_is_help=True)
    group.command("list")(list_promotions)
    app.add_typer(group, name="promotions")


def list_promotions(
    code: Annotated[str | None, typer.Option(help="The promotion with this code.")] = None,
    kind: Annotated[str | None, typer.Option(help="percentage, volume, buy_x_get_y and so on.")] = None,
    status: Annotated[str | None, typer.Option(help="active or disabled.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Maximum number of promotions.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="The cursor of the next page.")] = None,
    as_json: AsJson = False,
    key: ServiceKey = None,
) -> None:
    """List promotions with their uses, oldest first."""
    from cli.http_client import get
    from cli.pages import print_page
    from cli.shop_tables import promotions_table

    chosen = {"code": code, "kind": kind, "status": status}
    found = get("offer", "/v1/promotions", key, **chosen, limit=limit, cursor=cursor)
    print_page(found, promotions_table, as_json=as_json)
