"""`feira attention`: everything that waits for an operator."""

from enum import StrEnum
from typing import Annotated

import typer

from cli.commands.saga import AsJson, Key


class Kind(StrEnum):
    """What it is about."""

    CHECKOUT = "checkout"
    REFUND = "refund"
    REVIEW = "review"
    PROVIDER_MISMATCH = "provider_mismatch"
    WEBHOOK = "webhook"
    CLEARING = "clearing"
    RECONCILIATION = "reconciliation"
    FULFILLMENT = "fulfillment"
    NOTIFICATION = "notification"


def add_to(app: typer.Typer) -> None:
    app.command("attention")(list_attention)


def list_attention(
    kind: Annotated[Kind | None, typer.Option(help="Only entries of this kind.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Maximum number of entries.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="The cursor of the next page.")] = None,
    as_json: AsJson = False,
    key: Key = None,
) -> None:
    """List what waits for an operator, oldest first: checkouts, refunds, payments in review, differences from
    a provider, its answers about something else, webhooks that were not processed, money left in clearing,
    lines that could not be handed over, and messages whose outcome is unknown. A key of role admin may see
    it, too."""
    from cli.http_client import get
    from cli.pages import print_page
    from cli.triage_view import attention_table

    found = get("checkout-saga", "/v1/attention", key, kind=kind, limit=limit, cursor=cursor)
    print_page(found, attention_table, as_json=as_json)
