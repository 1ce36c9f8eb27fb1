"""What the stack runs: a command, how to tell that it is ready, and how it wants to be stopped."""

import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from cli.stack.system_user import Account


async def nothing() -> None:
    """Do nothing: most programs need no preparation."""


@dataclass(frozen=True)
class Program:
    """One process of the stack, described before it runs."""

    name: str
    command: tuple[str, ...]
    url: str
    ready: Callable[[], Awaitable[bool]]
    environment: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None
    before_start: Callable[[], Awaitable[None]] = nothing
    on_ready: Callable[[], Awaitable[None]] = nothing
    stop_signal: signal.Signals = signal.SIGTERM
    stop_limit: float = 8.0
