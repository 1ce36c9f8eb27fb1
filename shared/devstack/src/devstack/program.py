"""Description of a program of the stack: command, environment, probes and stop signal."""

import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devstack.log_rotation import MAX_BYTES
from devstack.system_user import Account

DIE_WITH_PARENT = Path(__file__).with_name("die_with_parent.py")


async def do_nothing() -> None:
    """The default hook."""


@dataclass(frozen=True)
class Program:
    """One process of the stack. Times are in seconds."""

    name: str
    command: tuple[str, ...]
    url: str
    ready: Callable[[], Awaitable[bool]]
    environment: Mapping[str, str] = field(default_factory=dict)
    """The complete environment: nothing is inherited."""
    account: Account | None = None
    before_start: Callable[[], Awaitable[None]] = do_nothing
    on_ready: Callable[[], Awaitable[None]] = do_nothing
    is_live: Callable[[], Awaitable[bool | None]] | None = None
    """Returns None if there is no answer. Without this probe a program counts as live while it runs."""
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout: float = 8.0
    probe_interval: float = 1.0
    log_bytes: int | None = MAX_BYTES
    """The size at which its log is rotated; None: it does that itself."""


def bind_to_parent(
    command: tuple[str, ...], death_signal: signal.Signals, account: Account | None = None
) -> tuple[str, ...]:
    """The command line that runs ``command`` so that it receives ``death_signal`` when this process exits."""
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
