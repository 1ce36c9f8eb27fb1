"""`feira keys`: manage API keys."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import print_json, print_line
from contracts.roles import ROLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.api_key_rows import Key
    from cli.new_api_key import NewKey

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
OpsKey = Annotated[
    str | None, typer.Option("--key", envvar="FEIRA_KEY", help="A key of role ops, to ask over HTTP.")
]
KeyFile = Annotated[
    Path | None,
    typer.Option(help="File that holds the new key, or is to hold it. The key is then not shown."),
]
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
    key: OpsKey = None,
) -> None:
    """List the keys. The secrets are not stored and cannot be shown."""
    from cli.console import new_console
    from cli.errors import StackError
    from cli.key_stores import key_store

    found = [it for it in key_store(key).list_all() if tenant is None or it.tenant == tenant]
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
    role: Annotated[str, typer.Option(help=f"{', '.join(ROLES[:-1])} or {ROLES[-1]}.")],
    name: Annotated[str, typer.Option(help="The user of the key, recorded as actor of its requests.")],
    tenant: Annotated[
        str | None, typer.Option(help="The tenant of the key. Over HTTP it is that of your own key.")
    ] = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
    key: OpsKey = None,
) -> None:
    """Create a key, and show its secret once."""
    from cli.key_stores import key_store
    from cli.new_api_key import new_key

    store = key_store(key)
    new = new_key(store.tenant(tenant), role, name, key_file)
    _print_new(new, store.create(new), None, as_json=as_json)


def rotate(
    key_id: KeyId,
    keep: Annotated[str, typer.Option(help="How long the old key stays valid: 24h, 30m, 7d, 0.")] = "24h",
    key_file: KeyFile = None,
    as_json: AsJson = False,
    key: OpsKey = None,
) -> None:
    """Replace a key by a new one; the old one stays valid for a while."""
    from cli.errors import StackError
    from cli.key_stores import key_store
    from cli.new_api_key import new_key, parse_duration

    overlap = parse_duration(keep)
    store = key_store(key)
    old = store.find(key_id)
    is_repetition = key_file is not None and key_file.exists()
    if old.state in {"revoked", "expired"} and not is_repetition:
        raise StackError(f"The key {old.key_id} is {old.state}: it cannot be rotated; create a new key.")
    new = new_key(old.tenant, old.role, old.name, key_file)
    made, ending = store.rotate(old, new, overlap)
    if isinstance(ending, StackError):
        _print_new(new, made, None, as_json=as_json)
        raise ending
    _print_new(new, made, ending, as_json=as_json)


def revoke(key_id: KeyId, as_json: AsJson = False, key: OpsKey = None) -> None:
    """Revoke a key. All processes refuse it within two seconds."""
    from cli.key_stores import key_store

    revoked = key_store(key).revoke(key_id)
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


def _print_new(new: "NewKey", made: "Key", old: "Key | None", *, as_json: bool) -> None:
    """The secret is printed unless a file keeps it: in a Job the output is a log."""
    if as_json:
        shown = {"key_file": str(new.kept_in)} if new.kept_in else {"key": new.secret}
        print_json({**shown, **made.as_json()} | ({"replaces": old.as_json()} if old else {}))
        return
    if new.kept_in is None:
        print_line(new.secret)
    where = f"The secret is in {new.kept_in}." if new.kept_in else "The secret is shown only once."
    print_line(f"{made.key_id} for {made.tenant}, role {made.role}, {made.name}. {where}", stderr=True)
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
