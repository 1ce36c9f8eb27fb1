"""Run a program as the first process of a PID namespace, as a container does: signals without a handler are
dropped there."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from tests.support.waiting import until

UNSHARE = ("unshare", "--pid", "--fork", "--kill-child")
END_SECONDS = 10.0


def can_unshare() -> bool:
    """Making a namespace takes the rights of root."""
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("unshare") is not None


class FirstProcess:
    """The program, behind the process that has made its namespace."""

    def __init__(self, outer: Process) -> None:
        self.outer = outer

    async def pid(self) -> int:
        """The program's number outside of its namespace, once it has been started."""
        await until(lambda: self._pid() is not None)
        return self._pid() or 0

    def _pid(self) -> int | None:
        children = psutil.Process(self.outer.pid).children()
        return children[0].pid if children and children[0].name() != UNSHARE[0] else None

    async def until_handled(self) -> None:
        """Until the program has a handler for SIGTERM."""
        status = Path(f"/proc/{await self.pid()}/status")
        await until(lambda: _catches(status.read_text(), signal.SIGTERM))

    async def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Send the signal; the exit code and the log. Raises ``TimeoutError`` if the process is still there
        after ``END_SECONDS``."""
        os.kill(await self.pid(), number)
        async with asyncio.timeout(END_SECONDS):
            _, log = await self.outer.communicate()
        if self.outer.returncode is None:
            raise AssertionError("it has ended without an exit code")
        return self.outer.returncode, log.decode()


@asynccontextmanager
async def first_process(*command: str, environment: Mapping[str, str]) -> AsyncIterator[FirstProcess]:
    """Killed at the end of the block if it has not ended."""
    outer = await asyncio.create_subprocess_exec(
        *UNSHARE, *command, env={"PATH": os.environ["PATH"], **environment}, stdout=PIPE, stderr=PIPE
    )
    try:
        yield FirstProcess(outer)
    finally:
        if outer.returncode is None:
            outer.kill()
        await outer.wait()


def _catches(status: str, number: signal.Signals) -> bool:
    mask = next(it.split()[1] for it in status.splitlines() if it.startswith("SigCgt:"))
    return bool(int(mask, 16) >> (number - 1) & 1)
