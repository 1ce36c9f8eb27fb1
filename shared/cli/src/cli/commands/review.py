"""`feira review`: payments that wait for people, by the shop's fraud rules."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from cli.commands.saga import AsJson, Checkout, Reason
from cli.output import print_json

Key = Annotated[
    str | None, typer.Option("--key", envvar="FEIRA_KEY", help="A key of role admin; ops may list.")
]


class Decision(StrEnum):
    """How a review ends."""

    APPROVE = "approve"
    DECLINE = "decline"


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Payments that wait for a fraud review.", no_args_is_help=True)
    group.command("list")(list_reviews)
    group.command("decide")(decide_review)
    app.add_typer(group, name="review")


def list_reviews(
    limit: Annotated[int, typer.Option(min=1, max=100, help="Maximum number of reviews.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="The cursor of the next page.")] = None,
    as_json: AsJson = False,
    key: Key = None,
) -> None:
    """List the payments that wait for a review, oldest first."""
    from cli.http_client import get
    from cli.pages import print_page
    from cli.timeline import reviews_table

    found = get("checkout-saga", "/v1/fraud/reviews", key, limit=limit, cursor=cursor)
    print_page(found, reviews_table, as_json=as_json)


def decide_review(
    checkout_id: Checkout,
    decision: Annotated[Decision, typer.Option(help="What was decided.")],
    reason: Reason,
    remove_line: Annotated[list[UUID] | None, typer.Option(help="A line that is not sold.")] = None,
    as_json: AsJson = False,
    key: Key = None,
) -> None:
    """Let a payment pass, also without some of its lines, or decline it."""
    from cli.console import new_console
    from cli.http_client import post

    removed = [str(it) for it in remove_line or ()]
    body = {"decision": decision.value, "reason": reason, "remove_lines": removed}
    found = post("checkout-saga", f"/v1/fraud/reviews/{checkout_id}/decision", key, body)
    if as_json:
        print_json(found)
        return
    new_console().print(f"checkout {checkout_id}: {found['status']}", soft_wrap=True)
