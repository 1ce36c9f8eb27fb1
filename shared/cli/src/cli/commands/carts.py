"""`feira carts`: a cart as it is or was, and runs that bring the current prices into open carts."""

import time
from typing import Annotated
from uuid import UUID

import typer

from cli.commands.saga import AsJson, Key, ServiceKey
from cli.output import print_json, print_line

POLL_SECONDS = 0.5
Cart = Annotated[UUID, typer.Argument(metavar="ID")]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Carts.", no_args_is_help=True)
    group.command("show")(show_cart)
    group.command("sync")(sync_carts)
    app.add_typer(group, name="carts")


def show_cart(
    cart_id: Cart,
    at: Annotated[str | None, typer.Option(help="As it was then, such as 2026-11-27T12:00:00Z.")] = None,
    version: Annotated[int | None, typer.Option(min=1, help="As it was at this version.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="How each amount was computed.")] = False,
    as_json: AsJson = False,
    key: Key = None,
) -> None:
    """Show a cart with its current prices, or as it was, with the prices of then."""
    from cli.console import new_console
    from cli.http_client import get
    from cli.shop_tables import derivation_lines, lines_of_cart, lines_table

    params = {"at": at, "version": version, "explain": "true" if explain else None}
    cart = get("cart", f"/v1/carts/{cart_id}", key, **params)
    if as_json:
        print_json(cart)
        return
    console = new_console()
    for line in lines_of_cart(cart):
        console.print(line, soft_wrap=True)
    console.print(lines_table(cart["items"]))
    if explain:
        for line in derivation_lines(cart["derivation"]):
            console.print(line, soft_wrap=True)


def sync_carts(
    offer: Annotated[
        list[UUID] | None,
        typer.Option("--offer", metavar="ID", help="Only carts with this offer; repeatable."),
    ] = None,
    max_age_hours: Annotated[
        int, typer.Option(min=1, max=72, help="Only carts that are younger than this.")
    ] = 24,
    as_json: AsJson = False,
    key: ServiceKey = None,
) -> None:
    """Bring the current prices into open carts, and wait for it. Exit 1 if a cart could not be brought up to
    date."""
    from cli.http_client import get, post
    from cli.shop_tables import sync_line

    body = {"offer_ids": [str(it) for it in offer or ()], "max_age_hours": max_age_hours}
    run = post("cart", "/v1/carts/sync", key, body)
    while run["status"] == "running":
        if not as_json:
            print_line(sync_line(run), stderr=True)
        time.sleep(POLL_SECONDS)
        run = get("cart", f"/v1/carts/sync/{run['sync_id']}", key)
    if as_json:
        print_json(run)
    else:
        print_line(sync_line(run))
    if run["errors"]:
        raise typer.Exit(1)
