"""`feira keys`: manage API keys."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import print_json, print_line
from contracts.roles import ROLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.api_key_rows import Key

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
KeyId = Annotated[str, typer.Argument(metavar="ID", help="The key's id as shown by `feira keys list`.")]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="API keys of the services.", no_args_is_help=True)
    group.command("list")(list_keys)
    group.command()(create)
    group.command()(rotate)
    group.command()(revoke)
    group.command()(rewrap)
    app.add_typer(group, name="keys")


def list_keys(
    tenant: Annotated[str | None, typer.Option(help="Only keys of this tenant.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Maximum number of keys.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="The cursor of the next page.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the keys. The secrets are not stored and cannot be shown."""
    import asyncio

    from cli import addresses, api_keys
    from cli.console import new_console
    from cli.errors import StackError

    found = [
        it
        for it in asyncio.run(api_keys.list_all(addresses.databases()))
        if tenant is None or it.tenant == tenant
    ]
    ids = [it.key_id for it in found]
    if cursor is not None and cursor not in ids:
        raise StackError(f"{cursor!r} is not a cursor of this list.")
    begin = 0 if cursor is None else ids.index(cursor) + 1
    shown = found[begin : begin + limit]
    more = shown[-1].key_id if begin + limit < len(found) else None
    if as_json:
        print_json({"items": [it.as_json() for it in shown], "next_cursor": more})
        return
    _show(shown)
    if more:
        new_console().print(f"There are more: use --cursor {more}.", soft_wrap=True)


def create(
    tenant: Annotated[str, typer.Option(help="The tenant of the key.")],
    role: Annotated[str, typer.Option(help=f"{', '.join(ROLES[:-1])} or {ROLES[-1]}.")],
    name: Annotated[str, typer.Option(help="The user of the key, recorded as actor of its requests.")],
    as_json: AsJson = False,
) -> None:
    """Create a key, and show its secret once."""
    import asyncio

    from cli import addresses, api_keys

    secret, made = asyncio.run(api_keys.create(addresses.databases(), tenant, role, name))
    _print_new(secret, made, None, as_json=as_json)


def rotate(
    key_id: KeyId,
    keep: Annotated[str, typer.Option(help="How long the old key stays valid: 24h, 30m, 7d, 0.")] = "24h",
    as_json: AsJson = False,
) -> None:
    """Replace a key by a new one; the old one stays valid for a while."""
    import asyncio

    from cli import addresses, api_keys

    overlap = api_keys.parse_duration(keep)
    secret, made, old = asyncio.run(api_keys.rotate(addresses.databases(), key_id, overlap))
    _print_new(secret, made, old, as_json=as_json)


def revoke(key_id: KeyId, as_json: AsJson = False) -> None:
    """Revoke a key. All processes refuse it within two seconds."""
    import asyncio

    from cli import addresses, api_keys

    revoked = asyncio.run(api_keys.revoke(addresses.databases(), key_id))
    if as_json:
        print_json(revoked.as_json())
    else:
        print_line(f"Revoked {revoked.key_id} ({revoked.tenant}, {revoked.role}, {revoked.name}).")


def rewrap(as_json: AsJson = False) -> None:
    """Rewrap all customer keys under the current master key; older master keys can be removed afterwards."""
    import asyncio
    import os
    from dataclasses import asdict

    from cli import addresses, rewrap
    from cli.console import new_console

    console = new_console(stderr=True)
    keys = rewrap.master_keys(os.environ)
    with console.status("rewrapping") as status:
        done = asyncio.run(
            rewrap.rewrap_all(
                addresses.databases(),
                keys,
                lambda it: status.update(f"rewrapping: {it.seen:,} of {it.total:,}"),
            )
        )
    if as_json:
        print_json(asdict(done))
    else:
        print_line(f"{done.rewrapped:,} of {done.seen:,} customer keys were rewrapped.")
    if done.unreadable:
        print_line(
            f"{done.unreadable:,} customer keys cannot be unwrapped with any of the master keys.", stderr=True
        )
        raise typer.Exit(1)


def _print_new(secret: str, made: "Key", old: "Key | None", *, as_json: bool) -> None:
    if as_json:
        found = {"key": secret, **made.as_json()} | ({"replaces": old.as_json()} if old else {})
        print_json(found)
        return
    print_line(secret)
    print_line(
        f"{made.key_id} for {made.tenant}, role {made.role}, {made.name}. The secret is shown only once.",
        stderr=True,
    )
    if old and old.expires_at:
        print_line(
            f"The old key {old.key_id} works until {old.expires_at:%Y-%m-%d %H:%M:%S} UTC.", stderr=True
        )


def _show(found: "Sequence[Key]") -> None:
    from rich.table import Table

    from cli.console import new_console

    table = Table("id", "tenant", "role", "name", "state", "created", "expires")
    for key in found:
        until = f"{key.expires_at:%Y-%m-%d %H:%M}" if key.expires_at else ""
        table.add_row(
            key.key_id, key.tenant, key.role, key.name, key.state, f"{key.created_at:%Y-%m-%d %H:%M}", until
        )
    new_console().print(table)
