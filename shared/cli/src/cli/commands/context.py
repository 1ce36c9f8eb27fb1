"""`feira context`: named remote installations, and which of them commands use."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.output import print_json, print_line

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the context.")]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Remote installations of Feira.", no_args_is_help=True)
    group.command()(add)
    group.command()(use)
    group.command("list")(list_contexts)
    group.command()(show)
    group.command()(remove)
    app.add_typer(group, name="context")


def add(
    name: Name,
    url: Annotated[list[str], typer.Option(help="URL of a host before all services, or SERVICE=URL.")],
    key_file: Annotated[
        Path | None,
        typer.Option(help="File with an API key of role ops. Default: it is read from the input."),
    ] = None,
    ca_file: Annotated[
        Path | None, typer.Option(help="Certificates to trust instead of the system's, in PEM.")
    ] = None,
    allow_http: Annotated[
        bool, typer.Option("--allow-http", help="Allow to send the key unencrypted over a network.")
    ] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a context of this name.")] = False,
) -> None:
    """Store a context. Its key is stored in a file that only you may read."""
    import os

    from cli import contexts
    from cli.errors import StackError
    from cli.service_urls import parse_urls

    if not contexts.NAME.fullmatch(name) or name == contexts.LOCAL:
        raise StackError(f"{name!r} cannot be the name of a context: use letters, digits, dots and hyphens.")
    shared, single = parse_urls(url, allow_http=allow_http)
    if ca_file is not None and not ca_file.is_file():
        raise StackError(f"There is no file {ca_file}.")
    trusted = str(ca_file.resolve()) if ca_file else ""
    context = contexts.Context(name, shared, single, _read_key(key_file), trusted)
    contexts.store(contexts.file_of(os.environ), context, replace=replace)
    print_line(f"Stored {name}. `feira context use {name}` makes commands use it.")


def use(name: Name) -> None:
    """Make commands use a context; `local` is the stack on this machine."""
    import os

    from cli import addresses, contexts

    contexts.use(contexts.file_of(os.environ), name)
    print_line(f"Commands use {name} from now on.")
    ahead = (addresses.CONTEXT, addresses.ADDRESSES, addresses.HOME)
    if present := [it for it in ahead if os.environ.get(it)]:
        print_line(f"{' and '.join(present)} in the environment takes precedence.", stderr=True)


def list_contexts(as_json: AsJson = False) -> None:
    """List the contexts and the one in use."""
    import os

    from rich.table import Table

    from cli import contexts
    from cli.console import new_console

    found = contexts.read(contexts.file_of(os.environ))
    items = [{**it.as_json(), "current": name == found.current} for name, it in found.by_name.items()]
    if as_json:
        print_json({"items": items, "next_cursor": None})
        return
    table = Table("", "name", "url", "key")
    table.add_row("" if found.current else "*", contexts.LOCAL, "the stack on this machine", "")
    for it in items:
        row = ("*" if it["current"] else "", it["name"], _urls(it), "stored" if it["has_key"] else "none")
        table.add_row(*row)
    new_console().print(table)


def show(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Default: the one in use.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show a context without its key, with the URL of each service."""
    import os

    from cli import contexts
    from cli.errors import StackError

    found = contexts.read(contexts.file_of(os.environ))
    if not (wanted := name or found.current):
        raise StackError("No context is in use; commands use the stack on this machine.")
    context = found.get(wanted)
    shown = {**context.as_json(), "services": context.base_urls(), "current": wanted == found.current}
    if as_json:
        print_json(shown)
        return
    for service, url in context.base_urls().items():
        print_line(f"{service:14} {url}")
    print_line(f"{'key':14} {'stored' if context.key else 'none'}")
    if context.ca_file:
        print_line(f"{'certificates':14} {context.ca_file}")


def remove(name: Name) -> None:
    """Remove a context and its key from this machine. The key itself stays valid."""
    import os

    from cli import contexts

    contexts.remove(contexts.file_of(os.environ), name)
    print_line(f"Removed {name}.")


def _urls(shown: dict[str, Any]) -> str:
    single = [f"{service}={url}" for service, url in shown["urls"].items()]
    return ", ".join([shown["url"], *single] if shown["url"] else single)


def _read_key(file: Path | None) -> str:
    """From the file, or typed unseen, or the input's first line: arguments are seen by others."""
    from cli.errors import StackError

    try:
        if file is not None:
            key = file.read_text()
        elif sys.stdin.isatty():
            key = typer.prompt("API key of role ops", hide_input=True, err=True)
        else:
            key = sys.stdin.readline()
    except (OSError, UnicodeDecodeError) as trouble:
        raise StackError(
            f"The key cannot be read from {file or 'the input'}: {type(trouble).__name__}."
        ) from None
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise StackError("That is not an API key of Feira; `feira keys create` makes one.")
    return key
