"""`feira parked`: what consumers have put aside because they could not handle it."""

import json
from typing import Annotated, Any

import typer

from cli.output import print_json, print_line

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Key = Annotated[str, typer.Option("--key", envvar="FEIRA_KEY", help="A key of role ops.")]
Record = Annotated[str, typer.Argument(metavar="ID", help="Like cart/12.")]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Records that could not be handled.", no_args_is_help=True)
    group.command("list")(list_records)
    group.command()(show)
    group.command()(retry)
    group.command()(discard)
    app.add_typer(group, name="parked")


def list_records(
    service: Annotated[str | None, typer.Option(help="Only of this service. Default: of all.")] = None,
    resolved: Annotated[bool, typer.Option("--resolved", help="Those that are done with.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many at most.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
    as_json: AsJson = False,
    key: Key = "demo-ops",
) -> None:
    """Show the parked records, service by service, the oldest first; exit 1 if a service does not answer."""
    from cli.console import new_console
    from cli.dead_letters import list_parked, parked_table
    from cli.stack import client
    from cli.stack.errors import StackError
    from contracts.topology import SERVICE_NAMES

    if service is not None and service not in SERVICE_NAMES:
        raise StackError(f"{service!r} parks nothing; {', '.join(SERVICE_NAMES)} do.")
    client.running()
    state = "resolved" if resolved else "open"
    items, more, troubles = list_parked([service] if service else SERVICE_NAMES, key, state, limit, cursor)
    if as_json:
        print_json({"items": items, "next_cursor": more})
    else:
        new_console().print(parked_table(items))
        if more:
            new_console().print(f"more with --cursor {more}", soft_wrap=True)
    if troubles:
        raise StackError(" ".join(troubles))


def show(record: Record, as_json: AsJson = False, key: Key = "demo-ops") -> None:
    """Show one record: what it says, why it is parked, and what was done about it."""
    from cli.dead_letters import parse_id, with_public_id
    from cli.http_client import get

    service, number = parse_id(record)
    found = with_public_id(service, get(service, f"/v1/parked/{number}", key))
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        if value is not None and value != []:
            print_line(f"{name:14} {value if isinstance(value, str | int) else json.dumps(value)}")


def retry(record: Record, as_json: AsJson = False, key: Key = "demo-ops") -> None:
    """Have it handled again, and then what waits behind it; exit 1 if something stays parked."""
    from cli.dead_letters import parse_id, retry_queue
    from cli.http_client import post

    service, number = parse_id(record)
    done = retry_queue(lambda it: post(service, f"/v1/parked/{it}/retry", key), number)
    _told(record, service, done, as_json=as_json)


def discard(
    record: Record,
    reason: Annotated[str, typer.Option(help="Why; it is kept with your key's name.")],
    as_json: AsJson = False,
    key: Key = "demo-ops",
) -> None:
    """Give it up for good; what has waited for it is handled now. Exit 1 if something stays parked."""
    from cli.dead_letters import parse_id
    from cli.http_client import post

    service, number = parse_id(record)
    done = post(service, f"/v1/parked/{number}/discard", key, {"reason": reason})
    _told(record, service, done, as_json=as_json)


def _told(record: str, service: str, done: dict[str, Any], *, as_json: bool) -> None:
    from cli.dead_letters import with_public_id

    found = with_public_id(service, done["record"])
    if as_json:
        print_json(done | {"record": found})
    else:
        how = found["resolution"] or f"still parked: {found['reason']} {found['error'] or ''}".rstrip()
        print_line(f"{record}: {how}")
        print_line(f"{done['handled']} handled, {done['failed']} failed, {done['waiting']} waiting")
    if done["failed"] or done["waiting"]:
        raise typer.Exit(1)
