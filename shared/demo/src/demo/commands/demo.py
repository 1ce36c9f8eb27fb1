"""`feira demo`: replay a data set of real purchases in a stack of its own."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from cli.output import print_json

if TYPE_CHECKING:
    from demo.summary import Outcome

PURCHASES = 2_000
PARALLEL = 48


def add_to(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    lines: Annotated[int, typer.Option("--lines", min=1, help="Number of purchases.")] = PURCHASES,
    whole: Annotated[bool, typer.Option("--all", help="Replay the whole data set.")] = False,
    parallel: Annotated[int, typer.Option(min=1, max=1_000, help="Number of concurrent buyers.")] = PARALLEL,
    stay: Annotated[bool, typer.Option("--stay", help="Keep the stack running until Ctrl-C.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Replay the CDNOW data set through carts and checkouts, and prove the revenue to the cent."""

    from cli.console import new_console
    from demo.interruption import EXIT_CODE, Interrupted, run_interruptibly
    from demo.own_stack import own_environment
    from demo.render import print_outcome
    from demo.session import run_session
    from demo.summary import as_json as for_programs

    console = new_console(stderr=as_json)

    def report(outcome: "Outcome", urls: Mapping[str, str]) -> None:
        if as_json:
            print_json(for_programs(outcome, urls))
        else:
            print_outcome(console, outcome, urls)

    environment = own_environment(os.environ)
    limit = None if whole else lines
    try:
        run_interruptibly(
            run_session(console, environment, report, limit=limit, parallel=parallel, stay=stay)
        )
    except Interrupted:
        console.print("Interrupted; nothing is left running.")
        raise typer.Exit(EXIT_CODE) from None
