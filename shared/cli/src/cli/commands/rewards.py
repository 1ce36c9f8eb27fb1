"""`feira rewards`: what referrers get for the orders of those they have referred."""

from typing import Annotated

import typer

from cli.commands.import_ import AdminKey
from cli.commands.saga import AsJson


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Rewards of referrers.", no_args_is_help=True)
    group.command("list")(list_rewards)
    app.add_typer(group, name="rewards")


def list_rewards(
    referrer: Annotated[str | None, typer.Option(help="Those of this customer.")] = None,
    order: Annotated[str | None, typer.Option(help="That of this order.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Maximum number of rewards.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="The cursor of the next page.")] = None,
    as_json: AsJson = False,
    key: AdminKey = None,
) -> None:
    """List the rewards of referrers, oldest first."""
    from cli.http_client import get
    from cli.pages import print_page
    from cli.shop_tables import rewards_table

    chosen = {"referrer_id": referrer, "order_id": order}
    found = get("offer", "/v1/referral/rewards", key, **chosen, limit=limit, cursor=cursor)
    print_page(found, rewards_table, as_json=as_json)
