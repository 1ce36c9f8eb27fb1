"""`feira saga`: running checkouts, their steps, and operator actions."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from cli.output import print_json, print_line

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Checkout = Annotated[UUID, typer.Argument(metavar="ID")]
Reason = Annotated[str, typer.Option(help="The reason, recorded with your key's name.")]
Key = Annotated[str | None, typer.Option("--key", envvar="FEIRA_KEY", help="A key of role ops.")]
ServiceKey = Annotated[
    str | None, typer.Option("--key", envvar="FEIRA_KEY", help="A key of role service or admin.")
]


DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what it would do, and do nothing.")]


class Outcome(StrEnum):
    """How a payment operation has ended."""

    DONE = "done"
    NOT_DONE = "not_done"


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Checkouts and their steps.", no_args_is_help=True)
    group.command("list")(list_sagas)
    group.command("show")(show_saga)
    group.command("triage")(triage_saga)
    group.command("retry")(retry_saga)
    group.command("compensate")(compensate_saga)
    group.command("resolve")(resolve_saga)
    group.command("export")(export_saga)
    app.add_typer(group, name="saga")


def list_sagas(
    status: Annotated[
        str | None, typer.Option(help="processing, requires_action, compensating or needs_operator.")
    ] = None,
    customer: Annotated[str | None, typer.Option(help="Only those of this customer.")] = None,
    cart: Annotated[UUID | None, typer.Option(help="Only those of this cart.")] = None,
    order: Annotated[UUID | None, typer.Option(help="The one of this order, also if it has ended.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Maximum number of checkouts.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="The cursor of the next page.")] = None,
    as_json: AsJson = False,
    key: Key = None,
) -> None:
    """List the checkouts that have not ended, oldest first."""
    from cli.http_client import get
    from cli.pages import print_page
    from cli.timeline import sagas_table

    ids = {"cart_id": cart, "order_id": order}
    wanted = {"customer_id": customer, **{name: str(it) for name, it in ids.items() if it}}
    found = get("checkout-saga", "/v1/sagas", key, status=status, limit=limit, cursor=cursor, **wanted)
    print_page(found, sagas_table, as_json=as_json)


def show_saga(checkout_id: Checkout, as_json: AsJson = False, key: Key = None) -> None:
    """Show the steps of one checkout with their start, duration and compensation."""
    from cli.http_client import get

    _show(get("checkout-saga", f"/v1/checkouts/{checkout_id}", key), as_json=as_json)


def triage_saga(checkout_id: Checkout, as_json: AsJson = False, key: Key = None) -> None:
    """Show what is known of one checkout, what is not, and what may be done about it."""
    from cli.console import new_console
    from cli.http_client import get
    from cli.triage_view import triage_lines

    found = get("checkout-saga", f"/v1/sagas/{checkout_id}", key)
    if as_json:
        print_json(found)
        return
    console = new_console()
    for line in triage_lines(found):
        console.print(line, soft_wrap=True)


def retry_saga(
    reason: Reason,
    checkout_id: Annotated[UUID | None, typer.Argument(metavar="[ID]")] = None,
    code: Annotated[
        str | None, typer.Option(help="Instead of an ID: all that need an operator because of this code.")
    ] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    key: Key = None,
) -> None:
    """Repeat the requests under way at once: of the current step, or of all running compensations. With
    --code exit 1 if any is refused."""
    if (checkout_id is None) == (code is None) or (code and dry_run):
        raise typer.BadParameter("Name an ID, or a --code without --dry-run.")
    if checkout_id is not None:
        _act(checkout_id, "retry", key, {"reason": reason}, as_json=as_json, dry_run=dry_run)
        return
    from cli.commands.retry_all import retry_all

    if retry_all(code or "", reason, key, as_json=as_json):
        raise typer.Exit(1)


def compensate_saga(
    checkout_id: Checkout,
    reason: Reason,
    refund: Annotated[bool, typer.Option("--refund", help="Also refund a captured payment.")] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    key: Key = None,
) -> None:
    """Abandon the checkout: compensate all its steps."""
    _act(
        checkout_id, "compensate", key, {"reason": reason, "refund": refund}, as_json=as_json, dry_run=dry_run
    )


def resolve_saga(
    checkout_id: Checkout,
    outcome: Annotated[Outcome, typer.Option(help="The outcome seen at the gateway.")],
    reason: Reason,
    reference: Annotated[str | None, typer.Option(help="The gateway's reference.")] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    key: Key = None,
) -> None:
    """Record the outcome of a capture, void or refund that waits for an operator."""
    body = {"outcome": outcome.value, "reason": reason, "reference": reference}
    _act(checkout_id, "resolve", key, body, as_json=as_json, dry_run=dry_run)


def export_saga(
    checkout_id: Checkout,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file instead of stdout.")
    ] = None,
) -> None:
    """Export one checkout as JSON without personal data, for `make simulate SAGA=file`."""
    import asyncio

    from cli import addresses
    from cli.errors import StackError
    from cli.saga_export import export

    found = json.dumps(asyncio.run(export(addresses.databases(), checkout_id)), indent=1)
    if output is None:
        print_line(found)
        return
    try:
        output.write_text(f"{found}\n")
    except OSError as trouble:
        raise StackError(f"{output} cannot be written ({trouble.strerror}).") from None
    print_line(f"Wrote {output}; replay it with `make simulate SAGA={output}`.")


def _act(
    checkout_id: UUID, act: str, key: str | None, body: dict[str, Any], *, as_json: bool, dry_run: bool
) -> None:
    from cli.http_client import post

    path = f"/v1/sagas/{checkout_id}/{act}"
    if dry_run:
        show_dry_run(path, key, body, as_json=as_json)
        return
    _show(post("checkout-saga", path, key, body), as_json=as_json)


def show_dry_run(path: str, key: str | None, body: dict[str, Any], *, as_json: bool) -> None:
    """Ask what the action at this path would do now."""
    from cli.console import new_console
    from cli.http_client import post
    from cli.triage_view import dry_run_lines

    found = post("checkout-saga", f"{path}?dry_run=true", key, body)
    if as_json:
        print_json(found)
        return
    console = new_console()
    for line in dry_run_lines(found):
        console.print(line, soft_wrap=True)


def _show(found: dict[str, Any], *, as_json: bool) -> None:
    from cli.console import new_console
    from cli.timeline import heading, timeline

    if as_json:
        print_json(found)
        return
    console = new_console()
    for line in heading(found):
        console.print(line, soft_wrap=True)
    console.print(timeline(found["steps"]))
