"""A stack run by `feira up` in another process, for tests from outside."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.addresses import Addresses, of_stack
from cli.errors import StackError
from devstack.status import read_status

PROGRAM = str(Path(sys.executable).with_name("feira"))
FEIRA = (PROGRAM, "up")
MINIMAL_STACK = (sys.executable, "-m", "tests.support.minimal_stack")
PROJECT = Path(__file__).parents[2]
READY_WITHIN = 150.0
STOPPED_WITHIN = 90.0


@dataclass(frozen=True)
class RunningStack:
    """A running stack: its supervisor process, status and logs."""

    environment: Mapping[str, str]
    supervisor: subprocess.Popen[bytes]

    @property
    def home(self) -> Path:
        return Path(self.environment["FEIRA_HOME"])

    @property
    def addresses(self) -> Addresses:
        return of_stack(self.environment)

    def status(self) -> dict[str, Any]:
        return read_status(self.environment)

    def process(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(it for it in self.status()["processes"] if it["name"] == name)
        return found

    def log(self, name: str = "supervisor") -> str:
        return (self.home / "logs" / f"{name}.log").read_text()

    def until(self, condition: Callable[[], bool], limit: float = 60.0) -> None:
        """Wait for a condition; fail with the supervisor's log when it does not come."""
        deadline = time.monotonic() + limit
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {limit} s; the log says:\n{self.log()}")
            time.sleep(0.05)

    def until_ready(self, limit: float = READY_WITHIN) -> None:
        self.until(lambda: self.status()["state"] == "ready" or self.supervisor.poll() is not None, limit)
        if self.supervisor.poll() is not None:
            raise StackError(f"the stack ended with exit code {self.supervisor.returncode}")

    def stop(self) -> int:
        """Stop it as Ctrl-C does, and return its exit code."""
        if self.supervisor.poll() is None:
            self.supervisor.send_signal(signal.SIGINT)
        return self.supervisor.wait(STOPPED_WITHIN)


def started(
    home: Path, env: Mapping[str, str] | None = None, command: tuple[str, ...] = FEIRA
) -> RunningStack:
    """Begin to start a stack on free ports, without waiting for it."""
    settings = {"FEIRA_PORTS": "auto", "FEIRA_ENV": "test", **(env or {}), "FEIRA_HOME": str(home)}
    environment = {**os.environ, **settings}
    return RunningStack(environment, subprocess.Popen(command, cwd=PROJECT, env=environment))


@contextmanager
def running_stack(
    home: Path, env: Mapping[str, str] | None = None, command: tuple[str, ...] = FEIRA
) -> Iterator[RunningStack]:
    """Run a stack in this home until the end of the block, on free ports by default."""
    stack = started(home, env, command)
    try:
        stack.until_ready()
        yield stack
    finally:
        try:
            stack.stop()
        except subprocess.TimeoutExpired:
            stack.supervisor.kill()
            raise


def refusal(home: Path, env: Mapping[str, str] | None = None, command: tuple[str, ...] = FEIRA) -> str:
    """What the command says on its error output when it will not start, which must be with exit code 1."""
    settings = {"FEIRA_PORTS": "auto", "FEIRA_ENV": "test", **(env or {}), "FEIRA_HOME": str(home)}
    done = subprocess.run(
        command,
        check=False,
        cwd=PROJECT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=READY_WITHIN,
    )
    if done.returncode != 1:
        raise AssertionError(f"exit code {done.returncode}: {done.stdout}{done.stderr}")
    return done.stderr.strip()
