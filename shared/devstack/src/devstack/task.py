"""Run a program of the stack until it exits, such as a migration."""

import asyncio
import signal
from collections.abc import Mapping
from pathlib import Path

from cli.errors import StackError
from devstack.program import bind_to_parent


async def run_to_end(name: str, command: tuple[str, ...], environment: Mapping[str, str], home: Path) -> None:
    """Run it with its output in ``logs/NAME.log``. Raises ``StackError`` with the last line on a non-zero
    exit."""
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
    """The end of an error message: the path and the last line of a log."""
    try:
        lines = log.read_text(errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return f"; {log} ends with: {lines[-1].strip()[:300]}" if lines else "."
