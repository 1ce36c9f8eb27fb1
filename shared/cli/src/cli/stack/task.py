"""Run a program of the stack to its end, such as a migration."""

import asyncio
import signal
from collections.abc import Mapping
from pathlib import Path

from cli.stack.errors import StackError
from cli.stack.program import bind_to_parent


async def run_to_end(name: str, command: tuple[str, ...], environment: Mapping[str, str], home: Path) -> None:
    """Run it with its output in a log of its name; a failure is told with the log's last line."""
    log = home / "logs" / f"{name}.log"
    with log.open("wb") as output:
        child = await asyncio.create_subprocess_exec(
            *bind_to_parent(command, signal.SIGTERM),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=home,
            env=environment,
            start_new_session=True,
        )
    try:
        code = await child.wait()
    except asyncio.CancelledError:
        child.kill()
        await child.wait()
        raise
    if code:
        raise StackError(f"{name} ended with exit code {code}{log_tail(log)}")


def log_tail(log: Path) -> str:
    """What a log ends with, for a person who wants to know why."""
    try:
        lines = log.read_text(errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return f"; {log} ends with: {lines[-1].strip()[:300]}" if lines else "."
