"""`feira refund`: refunds that need an operator."""

from typing import Annotated, Any
from uuid import UUID

import typer

from cli.commands.saga import AsJson, DryRun, Key, Outcome, Reason, show_dry_run
from cli.output import print_json

Order = Annotated[UUID, typer.Argument(metavar="ORDER")]
Refund = Annotated[UUID, typer.Argument(metavar="REFUND")]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Refunds that need an operator.", no_args_is_help=True)
    group.command("list")(list_refunds)
    group.command("retry")(retry_refund)
    group.command("resolve")(resolve_refund)
    app.add_typer(group, name="refund")


def list_refunds(
    limit: Annotated[int, typer.Option(min=1, max=100, help="Maximum number of refunds.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="The cursor of the next page.")] = None,
    as_json: AsJson = False,
    key: Key = None,
) -> None:
    """List refunds that the gateway refuses, does not answer or has paid twice, or that people pay back."""
    from cli.http_client import get
    from cli.pages import print_page
    from cli.timeline import refunds_table

    found = get("checkout-saga", "/v1/attention", key, kind="refund", limit=limit, cursor=cursor)
    print_page(found, refunds_table, as_json=as_json)


def retry_refund(
    order_id: Order,
    refund_id: Refund,
    reason: Reason,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    key: Key = None,
) -> None:
    """Request the refund again at once: under its key, or under a new key if it was refused for good."""
    _act(order_id, refund_id, "retry", key, {"reason": reason}, as_json=as_json, dry_run=dry_run)


def resolve_refund(
    order_id: Order,
    refund_id: Refund,
    outcome: Annotated[Outcome, typer.Option(help="The outcome seen at the gateway or the bank.")],
    reason: Reason,
    reference: Annotated[str | None, typer.Option(help="The gateway's or the bank's reference.")] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    key: Key = None,
) -> None:
    """Record the outcome: done, also by bank transfer; or not done, which makes its amount refundable
    again."""
    body = {"outcome": outcome.value, "reason": reason, "reference": reference}
    _act(order_id, refund_id, "resolve", key, body, as_json=as_json, dry_run=dry_run)


def _act(
    order_id: UUID,
    refund_id: UUID,
    act: str,
    key: str | None,
    body: dict[str, Any],
    *,
    as_json: bool,
    dry_run: bool,
) -> None:
    from cli.console import new_console
    from cli.http_client import post

    path = f"/v1/orders/{order_id}/refunds/{refund_id}/{act}"
    if dry_run:
        show_dry_run(path, key, body, as_json=as_json)
        return
    found = post("checkout-saga", path, key, body)
    if as_json:
        print_json(found)
        return
    refund = next(it for it in found["refunds"] if it["refund_id"] == str(refund_id))
    amount = refund["amount"]
    line = f"refund {refund_id} of {amount['amount']} {amount['currency']}: {refund['status']}"
    new_console().print(line, soft_wrap=True)
