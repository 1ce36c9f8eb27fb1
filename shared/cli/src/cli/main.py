"""The `feira` command: one entry point for people on every machine.

The operator's commands are here. The other distributions add theirs when they are installed: each is an entry
point of the group ``feira.commands``, a function that registers one command.
"""

import errno
import sys
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated

import typer

from cli.chosen_context import chosen_context
from cli.commands import (
    analysts,
    attention,
    carts,
    context,
    databases,
    erase,
    events,
    import_,
    keys,
    last_verification,
    ledger,
    offers,
    parked,
    plans,
    projections,
    promotions,
    reconcile,
    refund,
    remote_status,
    review,
    rewards,
    saga,
    spend,
    topics,
)
from cli.errors import StackError

GROUP = "feira.commands"
CONTEXT_OPTION = "--context"
ELSEWHERE = MappingProxyType(
    {
        "up": "feira-devstack",
        "status": "feira-devstack",
        "clean": "feira-devstack",
        "clock": "feira-devstack",
        "backup": "feira-devstack",
        "restore": "feira-devstack",
        "recover-log": "feira-devstack",
        "demo": "feira-demo",
        "load": "feira-demo",
        "verify": "feira-verify",
    }
)
"""The commands of the other distributions, in the order of the help page."""
ANY_ARGUMENTS = {"allow_extra_args": True, "ignore_unknown_options": True}
OWN: Mapping[str, Callable[[typer.Typer], None]] = MappingProxyType(
    {
        "events": events.add_to,
        "topics": topics.add_to,
        "databases": databases.add_to,
        "analysts": analysts.add_to,
        "attention": attention.add_to,
        "saga": saga.add_to,
        "refund": refund.add_to,
        "reconcile": reconcile.add_to,
        "review": review.add_to,
        "erase": erase.add_to,
        "ledger": ledger.add_to,
        "offers": offers.add_to,
        "plans": plans.add_to,
        "promotions": promotions.add_to,
        "rewards": rewards.add_to,
        "carts": carts.add_to,
        "parked": parked.add_to,
        "projections": projections.add_to,
        "keys": keys.add_to,
        "context": context.add_to,
        "import": import_.add_to,
        "spend": spend.add_to,
    }
)
"""The groups of commands of this distribution; each module registers itself."""
IN_PART: Mapping[str, Callable[[typer.Typer], None]] = MappingProxyType(
    {"status": remote_status.add_to, "verify": last_verification.add_to}
)
"""What this distribution can do of commands of the others, while these are not installed."""


def new_app(wanted: str = "") -> typer.Typer:
    """The group ``wanted`` if it is one of this distribution, which starts sooner; else all commands that are
    installed. One of a missing distribution says what to install."""
    app = typer.Typer(
        help="Run, inspect and operate Feira.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_choose_context)
    if wanted in OWN:
        OWN[wanted](app)
        return app
    installed = _installed_elsewhere()
    for name, distribution in ELSEWHERE.items():
        if name in installed:
            installed.pop(name)(app)
        elif name in IN_PART:
            IN_PART[name](app)
        else:
            _add_missing(app, name, distribution)
    for add_to in (*OWN.values(), *installed.values()):
        add_to(app)
    return app


def first_command(arguments: Sequence[str]) -> str:
    """The command among the arguments of the program: what follows `--context NAME`."""
    rest = list(arguments)
    while rest and rest[0].partition("=")[0] == CONTEXT_OPTION:
        rest = rest[1:] if "=" in rest[0] else rest[2:]
    return rest[0] if rest else ""


def _choose_context(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Option(
            CONTEXT_OPTION, help="A remote installation of `feira context list`, or `local`.", metavar="NAME"
        ),
    ] = None,
) -> None:
    context.with_resource(chosen_context(name))


def _installed_elsewhere() -> dict[str, Callable[[typer.Typer], None]]:
    from importlib.metadata import entry_points  # imported on demand: it takes 10 ms

    return {it.name: it.load() for it in entry_points(group=GROUP)}


def _add_missing(app: typer.Typer, name: str, distribution: str) -> None:
    @app.command(name, hidden=True, context_settings=ANY_ARGUMENTS, add_help_option=False)
    def missing() -> None:
        raise StackError(f"`feira {name}` is not installed here; install {distribution}.")


def run() -> None:
    """Run a command. A ``StackError`` is printed as one sentence, with exit code 1."""
    try:
        new_app(first_command(sys.argv[1:]))()
    except StackError as problem:
        _fail(str(problem))
    except OSError as problem:
        if problem.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        _fail(f"The disk is full ({problem.filename or problem.strerror}).")


def _fail(sentence: str) -> None:
    from cli.console import new_console

    new_console(stderr=True).print(f"feira: {sentence}", style="red", soft_wrap=True)
    sys.exit(1)
