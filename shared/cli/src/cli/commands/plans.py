"""`feira plans`: what subscriptions cost."""

from typing import Annotated

import typer

from cli.commands.saga import AsJson, Key


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Subscription plans.", no_args_is_help=True)
    group.command("list")(list_plans)
    app.add_typer(group, name="plans")


def list_plans(
    code: Annotated[str | None, typer.Option(help="The plan with this code.")] = None,
    status: Annotated[str | None, typer.Option(help="active or archived.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Maximum number of plans.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="The cursor of the next page.")] = None,
    as_json: AsJson = False,
    key: Key = None,
) -> None:
    """List subscription plans with their prices, oldest first."""
    from cli.http_client import get
    from cli.pages import print_page
    from cli.shop_tables import plans_table

    found = get("offer", "/v1/subscription-plans", key, code=code, status=status, limit=limit, cursor=cursor)
    print_page(found, plans_table, as_json=as_json)
