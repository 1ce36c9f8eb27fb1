"""`feira clock`: show and move the clock of a stack."""

import re
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from cli.output import print_json, print_line

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Key = Annotated[str, typer.Option("--key", envvar="FEIRA_KEY", help="A key of role ops.")]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Do not wait until nothing is due any more.")]

SERVICE, PATH = "cart", "/v1/clock"
"""Any service would do."""
UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
DURATION = re.compile(r"(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9})s)?", re.ASCII)


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="The clock of a stack, except in production.", no_args_is_help=True)
    group.command()(show)
    group.command()(advance)
    group.command()(to)
    group.command()(reset)
    app.add_typer(group, name="clock")


def show(as_json: AsJson = False, key: Key = "demo-ops") -> None:
    """Show the time, what is due, and when the next timer is."""
    from cli.http_client import get

    _print(get(SERVICE, PATH, key), as_json=as_json)


def advance(
    by: Annotated[str, typer.Argument(metavar="DURATION", help="Such as 72h, 30m, 90s, 14d or 1d12h.")],
    no_wait: NoWait = False,
    as_json: AsJson = False,
    key: Key = "demo-ops",
) -> None:
    """Move the clock forwards. What comes due fires in the order of its due times."""
    seconds = round(duration_of(by).total_seconds())
    _move({"advance_seconds": seconds}, key, no_wait=no_wait, as_json=as_json)


def to(
    time: Annotated[str, typer.Argument(help="Such as 2027-03-01T00:00:00Z.")],
    no_wait: NoWait = False,
    as_json: AsJson = False,
    key: Key = "demo-ops",
) -> None:
    """Move the clock forwards to a time."""
    _move({"to": time}, key, no_wait=no_wait, as_json=as_json)


def reset(as_json: AsJson = False, key: Key = "demo-ops") -> None:
    """Show the machine's time again, while nothing is recorded in the stack."""
    from cli.http_client import post

    _print(post(SERVICE, PATH, key, {"reset": True}), as_json=as_json)


def duration_of(text: str) -> timedelta:
    """Raises ``StackError`` for a text that is no duration, or no time at all."""
    from cli.errors import StackError

    found = DURATION.fullmatch(text)
    parts = zip(UNITS.values(), found.groups(), strict=True) if found else ()
    duration = timedelta(**{unit: int(number) for unit, number in parts if number})
    if not duration:
        raise StackError(f"{text!r} is no duration: write it like 72h, 30m, 90s, 14d or 1d12h.")
    return duration


def _move(body: dict[str, Any], key: str, *, no_wait: bool, as_json: bool) -> None:
    from cli.console import new_console
    from devstack.clock_move import finished, started

    found = started(SERVICE, PATH, key, {**body, "wait": False})
    if not no_wait:
        with new_console(stderr=True).status("moving the clock") as status:
            found = finished(SERVICE, PATH, key, status.update)
    _print(found, as_json=as_json)


def _print(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    ahead = timedelta(seconds=round(found["shift_seconds"]))
    print_line(f"{found['now']}, {ahead} ahead of the machine's clock")
    if found["state"] != "still":
        print_line(f"{found['state']} to {found['reaches']}" if found["reaches"] else found["state"])
    for line in found["under_way"]:
        print_line(line)
    if found["next_due_at"]:
        until = datetime.fromisoformat(found["next_due_at"]) - datetime.fromisoformat(found["now"])
        print_line(f"the next timer is due at {found['next_due_at']}, in {_whole_seconds(until)}")


def _whole_seconds(duration: timedelta) -> timedelta:
    return timedelta(seconds=round(duration.total_seconds()))
