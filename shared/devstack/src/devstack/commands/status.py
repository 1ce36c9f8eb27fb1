"""`feira status`: status and health of the stack on this machine."""

from typing import Annotated

import typer

from cli.output import print_json

Key = Annotated[
    str, typer.Option("--key", envvar="FEIRA_KEY", help="A key of role ops, for the read models.")
]


def add_to(app: typer.Typer) -> None:
    app.command()(status)


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    show_secrets: Annotated[
        bool, typer.Option("--show-secrets", help="Include the databases' URLs with passwords.")
    ] = False,
    key: Key = "demo-ops",
) -> None:
    """Show processes, versions, lag, open checkouts and parked records. Exit 0 if ready, else 1."""
    import asyncio

    from cli import addresses
    from devstack.health import read_health
    from devstack.status import read_status, superuser_urls

    found = read_status(show_secrets=show_secrets)
    if found["state"] == "down" and not as_json:
        addresses.running()
    runs_kafka = any(it["name"] == "kafka" for it in found["processes"])
    processes = {it["name"]: it["url"] for it in found["processes"] if it["url"].startswith("http")}
    more = asyncio.run(
        read_health(
            superuser_urls(),
            found["kafka"],
            found["urls"],
            key,
            processes=processes,
            runs_kafka=runs_kafka,
        )
    )
    if as_json:
        print_json(found | more)
    else:
        from cli.console import new_console
        from devstack.status_view import print_status

        print_status(new_console(), found, more)
    if found["state"] != "ready":
        raise typer.Exit(1)
