"""`feira events`: messages on Kafka, and the stream of one aggregate."""

import contextlib
from typing import Annotated
from uuid import UUID

import typer

from cli.output import print_json

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, one object per line.")]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Facts and commands as recorded.", no_args_is_help=True)
    group.command()(tail)
    group.command()(show)
    app.add_typer(group, name="events")


def tail(
    topic: Annotated[
        list[str] | None,
        typer.Option(help="Topic; may be repeated. Default: all topics of facts."),
    ] = None,
    limit: Annotated[int, typer.Option(min=0, max=100_000, help="Number of latest messages.")] = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Follow new messages until Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the latest messages on Kafka."""
    import asyncio

    from cli.console import new_console
    from cli.kafka import configured
    from cli.tail import Tail
    from contracts.topology import EVENT_TOPICS

    reader = Tail(configured(), tuple(topic or EVENT_TOPICS))
    console = new_console()

    async def run() -> None:
        async for message in reader.read(limit, follow=follow):
            if as_json:
                print_json(message.as_json(), indent=None)
            else:
                console.print(message.as_line(), no_wrap=True, overflow="ellipsis", crop=True)

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run())


def show(
    stream: Annotated[UUID, typer.Argument(metavar="STREAM", help="The id of an aggregate.")],
    after: Annotated[int, typer.Option(min=0, help="Only rows after this version.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Maximum number of rows.")] = 1_000,
    as_json: AsJson = False,
) -> None:
    """Show the stream of one aggregate, in order of version."""
    import asyncio

    from cli import addresses
    from cli.console import new_console
    from cli.event_streams import find_stream, to_table

    service, records = asyncio.run(find_stream(addresses.databases(), stream, after, limit))
    if as_json:
        for row in records:
            print_json(row.as_json(service), indent=None)
        return
    new_console().print(to_table(service, stream, records))
    if len(records) == limit:
        new_console().print(f"There may be more: use --after {records[-1].version}.")
