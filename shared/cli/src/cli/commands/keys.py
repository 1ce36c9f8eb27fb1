"""`feira keys`: who may call, and with what."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import print_json, print_line
from contracts.roles import ROLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.api_key_rows import Key

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
KeyId = Annotated[str, typer.Argument(metavar="ID", help="As `feira keys list` shows it.")]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="The keys of the services' interfaces.", no_args_is_help=True)
    group.command("list")(list_keys)
    group.command()(create)
    group.command()(rotate)
    group.command()(revoke)
    group.command()(rewrap)
    app.add_typer(group, name="keys")


def list_keys(
    tenant: Annotated[str | None, typer.Option(help="Only this tenant's.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many at most.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what is known of each key; the keys themselves are kept nowhere."""
    from cli import api_keys
    from cli.console import new_console
    from cli.stack import client
    from cli.stack.errors import StackError

    found = [
        it
        for it in asyncio.run(api_keys.list_all(client.running().databases))
        if tenant is None or it.tenant == tenant
    ]
    ids = [it.key_id for it in found]
    if cursor is not None and cursor not in ids:
        raise StackError(f"{cursor!r} is no cursor that this list has given out.")
    begin = 0 if cursor is None else ids.index(cursor) + 1
    shown = found[begin : begin + limit]
    more = shown[-1].key_id if begin + limit < len(found) else None
    if as_json:
        print_json({"items": [it.as_json() for it in shown], "next_cursor": more})
        return
    _show(shown)
    if more:
        new_console().print(f"more with --cursor {more}", soft_wrap=True)


def create(
    tenant: Annotated[str, typer.Option(help="Whose key it is.")],
    role: Annotated[str, typer.Option(help=f"{', '.join(ROLES[:-1])} or {ROLES[-1]}.")],
    name: Annotated[str, typer.Option(help="Who will use it; it stands beside what they do.")],
    as_json: AsJson = False,
) -> None:
    """Make a key, and show it once."""
    from cli import api_keys
    from cli.stack import client

    secret, made = asyncio.run(api_keys.create(client.running().databases, tenant, role, name))
    _tell_new(secret, made, None, as_json=as_json)


def rotate(
    key_id: KeyId,
    keep: Annotated[str, typer.Option(help="How long the old one works on: 24h, 30m, 7d, 0.")] = "24h",
    as_json: AsJson = False,
) -> None:
    """Make a key for the same purpose as another one, which works on for a while."""
    from cli import api_keys
    from cli.stack import client

    overlap = api_keys.parse_duration(keep)
    secret, made, old = asyncio.run(api_keys.rotate(client.running().databases, key_id, overlap))
    _tell_new(secret, made, old, as_json=as_json)


def revoke(key_id: KeyId, as_json: AsJson = False) -> None:
    """Refuse a key from now on; within two seconds every process does."""
    from cli import api_keys
    from cli.stack import client

    revoked = asyncio.run(api_keys.revoke(client.running().databases, key_id))
    if as_json:
        print_json(revoked.as_json())
    else:
        print_line(f"Revoked {revoked.key_id} ({revoked.tenant}, {revoked.role}, {revoked.name}).")


def rewrap(as_json: AsJson = False) -> None:
    """Wrap the keys of customers anew under the master key, so that the older ones are needed no more."""
    import os
    from dataclasses import asdict

    from cli import rewrap
    from cli.console import new_console
    from cli.stack import client

    console = new_console(stderr=True)
    keys = rewrap.master_keys(os.environ)
    with console.status("wrapping anew") as status:
        done = asyncio.run(
            rewrap.rewrap_all(
                client.running().databases,
                keys,
                lambda it: status.update(f"wrapping anew: {it.seen:,} of {it.total:,}"),
            )
        )
    if as_json:
        print_json(asdict(done))
    else:
        print_line(f"{done.rewrapped:,} of {done.seen:,} keys of customers were wrapped anew.")
    if done.unreadable:
        print_line(f"{done.unreadable:,} were wrapped by none of the master keys told.", stderr=True)
        raise typer.Exit(1)


def _tell_new(secret: str, made: "Key", old: "Key | None", *, as_json: bool) -> None:
    if as_json:
        told = {"key": secret, **made.as_json()} | ({"replaces": old.as_json()} if old else {})
        print_json(told)
        return
    print_line(secret)
    print_line(
        f"{made.key_id} for {made.tenant}, role {made.role}, {made.name}. It is shown this once.", stderr=True
    )
    if old and old.expires_at:
        print_line(
            f"The old key {old.key_id} works until {old.expires_at:%Y-%m-%d %H:%M:%S} UTC.", stderr=True
        )


def _show(found: "Sequence[Key]") -> None:
    from rich.table import Table

    from cli.console import new_console

    table = Table("id", "tenant", "role", "name", "state", "made", "works until")
    for key in found:
        until = f"{key.expires_at:%Y-%m-%d %H:%M}" if key.expires_at else ""
        table.add_row(
            key.key_id, key.tenant, key.role, key.name, key.state, f"{key.created_at:%Y-%m-%d %H:%M}", until
        )
    new_console().print(table)
