"""`feira demo`: real purchases of the past, played through a whole stack of their own."""

import json
from pathlib import Path
from typing import Annotated

import typer

PURCHASES = 2_000
PARALLEL = 48


def add_to(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    lines: Annotated[int, typer.Option("--lines", min=1, help="How many purchases to play.")] = PURCHASES,
    whole: Annotated[bool, typer.Option("--all", help="Play the whole data set.")] = False,
    parallel: Annotated[
        int, typer.Option("--parallel", min=1, max=1_000, help="How many buy at once.")
    ] = PARALLEL,
    stay: Annotated[bool, typer.Option("--stay", help="Keep the stack up afterwards, until Ctrl-C.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Play the CDNOW data set through carts and checkouts, and prove the revenue to the cent."""
    import os

    from rich.console import Console

    from cli.demo import show
    from cli.demo.interruption import run_interruptibly
    from cli.demo.own_stack import own_environment

    console = Console(stderr=as_json)
    environment = own_environment(os.environ)
    home = Path(environment["FEIRA_HOME"])
