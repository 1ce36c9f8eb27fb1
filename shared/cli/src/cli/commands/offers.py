"""`feira offers`: what is sold under a slug, and at which price now."""

from typing import Annotated, Any
from uuid import UUID

import typer

from cli.commands.saga import AsJson, Key
from cli.output import print_json

Offer = Annotated[UUID, typer.Argument(metavar="ID")]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Offers.", no_args_is_help=True)
    group.command("list")(list_offers)
    group.command("show")(show_offer)
    app.add_typer(group, name="offers")


def list_offers(
    words: Annotated[
        str | None, typer.Option("--words", help="Words that begin words of the name or slug.")
    ] = None,
    status: Annotated[str | None, typer.Option(help="draft, published, paused or archived.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Maximum number of offers.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="The cursor of the next page.")] = None,
    as_json: AsJson = False,
    key: Key = None,
) -> None:
    """List offers with their prices now, oldest first."""
    from cli.http_client import get
    from cli.pages import print_page
    from cli.shop_tables import offers_table

    found = get("offer", "/v1/offers", key, q=words, status=status, limit=limit, cursor=cursor)
    print_page(found, offers_table, as_json=as_json)


def show_offer(offer_id: Offer, as_json: AsJson = False, key: Key = None) -> None:
    """Show an offer, its products and what is proposed beside it."""
    from cli.console import new_console
    from cli.http_client import get
    from cli.shop_tables import lines_of_offer, proposals_table

    path = f"/v1/offers/{offer_id}"
    offer = get("offer", path, key)
    beside: list[dict[str, Any]] = []
    for kind in ("order-bumps", "upsells"):
        beside += get("offer", f"{path}/{kind}", key, limit=100)["items"]
    if as_json:
        print_json({**offer, "proposals": beside})
        return
    console = new_console()
    for line in lines_of_offer(offer):
        console.print(line, soft_wrap=True)
    if beside:
        console.print(proposals_table(beside))
