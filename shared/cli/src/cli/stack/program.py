"""What the stack runs: a command, how to tell that it is ready, and how it wants to be stopped."""

import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cli.stack.system_user import Account

DIE_WITH_PARENT = Path(__file__).with_name("die_with_parent.py")


async def do_nothing() -> None:
    """Do nothing: most programs need no preparation."""


@dataclass(frozen=True)
class Program:
    """One process of the stack, described before it runs."""

    name: str
    command: tuple[str, ...]
    url: str
    ready: Callable[[], Awaitable[bool]]
    environment: Mapping[str, str] = field(default_factory=dict)
    """All that it is told: nothing is inherited."""
    account: Account | None = None
    before_start: Callable[[], Awaitable[None]] = do_nothing
    on_ready: Callable[[], Awaitable[None]] = do_nothing
    is_live: Callable[[], Awaitable[bool | None]] | None = None
    """None from it where nothing answers; without it a program lives for as long as it runs."""
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout: float = 8.0
    probe_interval: float = 1.0


def bind_to_parent(
    command: tuple[str, ...], death_signal: signal.Signals, account: Account | None = None
) -> tuple[str, ...]:
    """The command line under which a command gets this signal when this process is gone."""
    user = (str(account.uid), str(account.gid)) if account else ("-1", "-1")
    return (
        sys.executable,
        "-I",
        "-S",
        str(DIE_WITH_PARENT),
        str(os.getpid()),
        str(int(death_signal)),
        *user,
        *command,
    )
