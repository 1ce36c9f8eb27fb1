"""The `feira` command: one entry point for people on every machine.

The operator's commands are here. The other distributions add theirs when they are installed: each is an entry
point of the group ``feira.commands``, a function that registers one command.
"""

import errno
import sys
from collections.abc import Callable
from importlib.metadata import entry_points

import typer

from cli.commands import events, keys, parked, projections, refund, saga
from cli.console import new_console
from cli.errors import StackError

GROUP = "feira.commands"
ELSEWHERE = {
    "up": "feira-devstack",
    "status": "feira-devstack",
    "clean": "feira-devstack",
    "demo": "feira-demo",
    "load": "feira-demo",
    "verify": "feira-verify",
}
"""The commands of the other distributions, in the order of the help page."""
ANY_ARGUMENTS = {"allow_extra_args": True, "ignore_unknown_options": True}

# one module per command or group of commands; each registers itself
COMMANDS: tuple[Callable[[typer.Typer], None], ...] = (
    events.add_to,
    saga.add_to,
    refund.add_to,
    parked.add_to,
    projections.add_to,
    keys.add_to,
)


def new_app() -> typer.Typer:
    """All commands of this installation; one of a missing distribution says what to install."""
    app = typer.Typer(
        help="Run, inspect and operate Feira.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    installed = {it.name: it for it in entry_points(group=GROUP)}
    for name, distribution in ELSEWHERE.items():
        if name in installed:
            installed.pop(name).load()(app)
        else:
            _add_missing(app, name, distribution)
    for add_to in (*COMMANDS, *(it.load() for it in installed.values())):
        add_to(app)
    return app


def _add_missing(app: typer.Typer, name: str, distribution: str) -> None:
    @app.command(name, hidden=True, context_settings=ANY_ARGUMENTS, add_help_option=False)
    def missing() -> None:
        raise StackError(f"`feira {name}` is not installed here; install {distribution}.")


def run() -> None:
    """Run a command. A ``StackError`` is printed as one sentence, with exit code 1."""
    try:
        new_app()()
    except StackError as problem:
        _fail(str(problem))
    except OSError as problem:
        if problem.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        _fail(f"The disk is full ({problem.filename or problem.strerror}).")


def _fail(sentence: str) -> None:
    new_console(stderr=True).print(f"feira: {sentence}", style="red", soft_wrap=True)
    sys.exit(1)
