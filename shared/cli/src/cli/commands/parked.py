"""`feira parked`: dead letters, the records that consumers could not handle."""

import json
from typing import Annotated, Any

import typer

from cli.output import print_json, print_line

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Key = Annotated[str | None, typer.Option("--key", envvar="FEIRA_KEY", help="A key of role ops.")]
Record = Annotated[str, typer.Argument(metavar="ID", help="The record's id, such as cart/12.")]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Dead letters: records that could not be handled.", no_args_is_help=True)
    group.command("list")(list_records)
    group.command()(show)
    group.command()(retry)
    group.command()(discard)
    app.add_typer(group, name="parked")


def list_records(
    service: Annotated[str | None, typer.Option(help="Only this service. Default: all.")] = None,
    resolved: Annotated[
        bool, typer.Option("--resolved", help="Show resolved records instead of open ones.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Maximum number of records.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="The cursor of the next page.")] = None,
    as_json: AsJson = False,
    key: Key = None,
) -> None:
    """List the parked records by service, oldest first. Exit 1 if a service does not answer."""
    from cli import addresses
    from cli.console import new_console
    from cli.dead_letters import list_parked, parked_table
    from cli.errors import StackError
    from contracts.topology import SERVICE_NAMES

    if service is not None and service not in SERVICE_NAMES:
        raise StackError(f"{service!r} has no parked records; choose one of {', '.join(SERVICE_NAMES)} do.")
    addresses.running()
    state = "resolved" if resolved else "open"
    items, more, errors = list_parked([service] if service else SERVICE_NAMES, key, state, limit, cursor)
    if as_json:
        print_json({"items": items, "next_cursor": more})
    else:
        new_console().print(parked_table(items))
        if more:
            new_console().print(f"There are more: use --cursor {more}.", soft_wrap=True)
    if errors:
        raise StackError(" ".join(errors))


def show(record: Record, as_json: AsJson = False, key: Key = None) -> None:
    """Show one record: its content, why it was parked, and what operators did about it."""
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


def retry(record: Record, as_json: AsJson = False, key: Key = None) -> None:
    """Handle the record again, and then those that wait behind it. Exit 1 if any stays parked."""
    from cli.dead_letters import parse_id, retry_queue
    from cli.http_client import post

    service, number = parse_id(record)
    done = retry_queue(lambda it: post(service, f"/v1/parked/{it}/retry", key), number)
    _print_result(record, service, done, as_json=as_json)


def discard(
    record: Record,
    reason: Annotated[str, typer.Option(help="The reason, recorded with your key's name.")],
    as_json: AsJson = False,
    key: Key = None,
) -> None:
    """Discard the record for good; those that wait behind it are handled. Exit 1 if any stays parked."""
    from cli.dead_letters import parse_id
    from cli.http_client import post

    service, number = parse_id(record)
    done = post(service, f"/v1/parked/{number}/discard", key, {"reason": reason})
    _print_result(record, service, done, as_json=as_json)


def _print_result(record: str, service: str, done: dict[str, Any], *, as_json: bool) -> None:
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
