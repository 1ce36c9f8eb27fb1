"""The `feira` command: one entry point for people on every machine."""

import errno
import sys
from collections.abc import Callable

import typer

from cli.commands import (
    clean,
    demo,
    events,
    keys,
    load,
    parked,
    projections,
    refund,
    saga,
    status,
    up,
    verify,
)
from cli.console import new_console
from cli.stack.errors import StackError

app = typer.Typer(
    help="Run, inspect and operate Feira on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

# one module per command or group of commands; each registers itself
COMMANDS: tuple[Callable[[typer.Typer], None], ...] = (
    up.add_to,
    status.add_to,
    clean.add_to,
    demo.add_to,
    load.add_to,
    events.add_to,
    saga.add_to,
    refund.add_to,
    parked.add_to,
    projections.add_to,
    verify.add_to,
    keys.add_to,
)
for add_to in COMMANDS:
    add_to(app)


def run() -> None:
    """Run a command. A ``StackError`` is printed as one sentence, with exit code 1."""
    try:
        app()
    except StackError as problem:
        _fail(str(problem))
    except OSError as problem:
        if problem.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        _fail(f"The disk is full ({problem.filename or problem.strerror}).")


def _fail(sentence: str) -> None:
    new_console(stderr=True).print(f"feira: {sentence}", style="red", soft_wrap=True)
    sys.exit(1)
