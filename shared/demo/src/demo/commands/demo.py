"""`feira demo`: replay a data set of real purchases in a stack of its own."""

import os
from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import print_json

if TYPE_CHECKING:
    from rich.console import Console

    from demo.journeys.story import Story
    from demo.summary import Outcome

PURCHASES = 2_000
PARALLEL = 48


def add_to(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    lines: Annotated[int, typer.Option("--lines", min=1, help="Number of purchases.")] = PURCHASES,
    whole: Annotated[bool, typer.Option("--all", help="Replay the whole data set.")] = False,
    parallel: Annotated[int, typer.Option(min=1, max=1_000, help="Number of concurrent buyers.")] = PARALLEL,
    journey: Annotated[
        str | None,
        typer.Option(
            "--journey", help="Play one instead: elearning, marketplace or saas. Each figure is checked."
        ),
    ] = None,
    stay: Annotated[
        bool,
        typer.Option(
            "--stay", help="Play the rest of the sample, too, and keep the stack running until Ctrl-C."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Replay the CDNOW data set through carts and checkouts, and prove the revenue to the cent; or play a
    journey of one customer."""

    from cli.console import new_console
    from demo.interruption import EXIT_CODE, Interrupted, run_interruptibly
    from demo.own_stack import own_environment

    console = new_console(stderr=as_json)
    environment = own_environment(os.environ)
    session: Coroutine[Any, Any, None]
    if journey is None:
        limit = None if whole else lines
        session = _replay(console, environment, as_json, limit=limit, parallel=parallel, stay=stay)
    else:
        session = _play(console, environment, as_json, name=journey, stay=stay)
    try:
        run_interruptibly(session)
    except Interrupted:
        console.print("Interrupted; nothing is left running.")
        raise typer.Exit(EXIT_CODE) from None


def _replay(
    console: "Console",
    environment: Mapping[str, str],
    as_json: bool,
    *,
    limit: int | None,
    parallel: int,
    stay: bool,
) -> Coroutine[Any, Any, None]:
    from demo.render import print_outcome
    from demo.run import ANALYST_KEY
    from demo.session import run_session
    from demo.summary import as_json as for_programs

    def report(outcome: "Outcome", urls: Mapping[str, str]) -> None:
        if as_json:
            print_json(for_programs(outcome, urls))
        else:
            print_outcome(console, outcome, urls, ANALYST_KEY, stay=stay)

    return run_session(console, environment, report, limit=limit, parallel=parallel, stay=stay)


def _play(
    console: "Console", environment: Mapping[str, str], as_json: bool, *, name: str, stay: bool
) -> Coroutine[Any, Any, None]:
    from demo.journeys.playing import play_in_own_stack
    from demo.journeys.story import as_json as for_programs
    from demo.journeys.story import tables

    def report(name: str, story: "Story") -> None:
        if as_json:
            print_json(for_programs(name, story))
            return
        for table in tables(story):
            console.print()
            console.print(table)

    return play_in_own_stack(console, environment, report, name=name, stay=stay)
