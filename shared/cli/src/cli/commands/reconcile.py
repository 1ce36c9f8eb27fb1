"""`feira reconcile`: compare payment providers with what is recorded, and resolve the differences."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from cli.commands.saga import AsJson, DryRun, Key, Reason, show_dry_run
from cli.output import print_json

Difference = Annotated[UUID, typer.Argument(metavar="DIFFERENCE")]
DIFFERENCES = "/v1/reconciliations/differences"


class Status(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"


class Resolved(StrEnum):
    ACCEPTED = "accepted"
    RETURNED = "returned"
    ASSIGNED = "assigned"


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(
        help="Compare payment providers with what is recorded.",
        no_args_is_help=True,
    )
    group.command("run")(start)
    group.command("list")(list_differences)
    group.command("resolve")(resolve)
    app.add_typer(group, name="reconcile")


def start(
    gateway: Annotated[str, typer.Option(help="The payment provider.")] = "simulated",
    hours: Annotated[int, typer.Option(min=1, max=24 * 366, help="How many hours back.")] = 48,
    as_json: AsJson = False,
    key: Key = None,
) -> None:
    """Compare an account with what is recorded, up to now."""
    from cli.console import new_console
    from cli.http_client import post

    now = datetime.now(UTC)
    window = {"from": (now - timedelta(hours=hours)).isoformat(), "to": now.isoformat()}
    found = post("checkout-saga", "/v1/reconciliations", key, {"gateway": gateway, **window})
    if as_json:
        print_json(found)
        return
    new_console().print(f"reconciliation {found['reconciliation_id']}: {found['status']}", soft_wrap=True)


def list_differences(
    status: Annotated[Status, typer.Option(help="open: they wait for an operator.")] = Status.OPEN,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Maximum number of differences.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="The cursor of the next page.")] = None,
    as_json: AsJson = False,
    key: Key = None,
) -> None:
    """List differences between a provider and what is recorded, oldest first."""
    from cli.http_client import get
    from cli.pages import print_page
    from cli.timeline import differences_table

    found = get("checkout-saga", DIFFERENCES, key, status=status.value, limit=limit, cursor=cursor)
    print_page(found, differences_table, as_json=as_json)


def resolve(
    difference_id: Difference,
    resolution: Annotated[Resolved, typer.Option(help="What was decided.")],
    reason: Reason,
    payment: Annotated[UUID | None, typer.Option(help="To which found money is assigned.")] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    key: Key = None,
) -> None:
    """Record what was decided about a difference."""
    from cli.console import new_console
    from cli.http_client import post

    body = {"resolution": resolution.value, "reason": reason}
    if payment:
        body["payment_id"] = str(payment)
    path = f"{DIFFERENCES}/{difference_id}/resolve"
    if dry_run:
        show_dry_run(path, key, body, as_json=as_json)
        return
    found = post("checkout-saga", path, key, body)
    if as_json:
        print_json(found)
        return
    new_console().print(f"difference {difference_id}: {found['status']}", soft_wrap=True)
