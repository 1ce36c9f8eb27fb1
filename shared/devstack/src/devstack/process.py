"""Supervise one program: start it, probe it, restart it with exponential backoff, stop it."""

import asyncio
import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from cli.errors import StackError
from cli.process_identity import started_at
from devstack.liveness import kill_when_not_live
from devstack.log_rotation import rotate
from devstack.program import Program, bind_to_parent
from devstack.task import log_tail

MIN_RESTART_DELAY_SECONDS = 0.2
MAX_RESTART_DELAY_SECONDS = 5.0
"""Low, so that a program that lacked disk space, memory or a port is back soon after these are available."""
STABLE_AFTER_SECONDS = 60.0
MAX_STARTS_BEFORE_READY = 3
START_POLL_SECONDS = 0.05

log = logging.getLogger(__name__)


def restart_delay(exits: int) -> float:
    """Seconds until the next start: doubles with each consecutive exit, up to the maximum."""
    return float(min(MAX_RESTART_DELAY_SECONDS, MIN_RESTART_DELAY_SECONDS * 2 ** min(exits - 1, 16)))


class Process:
    """A supervised program. ``changed`` is called after each change of ``state``."""

    def __init__(self, program: Program, home: Path, changed: Callable[[], None] = lambda: None) -> None:
        self.program = program
        self.state = "stopped"
        self.restarts = 0
        self.pid: int | None = None
        self.started_at: float | None = None
        self.log_file = home / "logs" / f"{program.name}.log"
        self._home = home
        self._changed = changed
        self._child: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._first_ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def start(self) -> None:
        self._task = asyncio.create_task(self._supervise(), name=self.program.name)
        if self.program.is_live:
            watch = kill_when_not_live(self.program.name, self, self.program.is_live)
            self._watch = asyncio.create_task(watch, name=f"{self.program.name} liveness")

    async def until_ready(self, limit: float) -> None:
        """Wait until it is ready for the first time. Raises ``StackError`` after ``limit`` seconds or too
        many exits."""
        try:
            await asyncio.wait_for(asyncio.shield(self._first_ready), limit)
        except TimeoutError:
            raise StackError(
                f"{self.program.name} was not ready within {limit:.0f} s{log_tail(self.log_file)}"
            ) from None

    async def stop(self) -> None:
        """Send the stop signal, kill after the stop timeout, and return once the process has exited."""
        self._stopping.set()
        if self._watch:
            self._watch.cancel()
        if self._child and self._child.returncode is None:
            self.signal(self.program.stop_signal)
            try:
                await asyncio.wait_for(self._child.wait(), self.program.stop_timeout)
            except TimeoutError:
                log.warning(
                    "process_stop_timed_out: %s after %.0f s, killed",
                    self.program.name,
                    self.program.stop_timeout,
                )
                self.kill()
        if self._task:
            await asyncio.gather(self._task, return_exceptions=True)
        if not self._first_ready.done():
            self._first_ready.cancel()
        elif not self._first_ready.cancelled():
            self._first_ready.exception()  # mark as retrieved: no caller may be waiting
        self._set_state("stopped")

    def kill(self) -> None:
        """Kill the process group at once."""
        self._stopping.set()
        if self._child and self._child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)

    def signal(self, number: int) -> None:
        if self._child and self._child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._child.send_signal(number)

    async def _supervise(self) -> None:
        """Keep the program running. After an unexpected error the supervision restarts and adopts the running
        process."""
        while not self._stopping.is_set():
            try:
                await self._keep_running()
                return
            except Exception:
                log.exception("supervision_failed: %s", self.program.name)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), MIN_RESTART_DELAY_SECONDS)

    async def _keep_running(self) -> None:
        exits = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            cause = await self._run_once()
            if self._stopping.is_set():
                return
            exits = 1 if time.monotonic() - began > STABLE_AFTER_SECONDS else exits + 1
            if not self._first_ready.done() and self._gives_up(cause, exits):
                return
            pause = restart_delay(exits)
            log.warning("process_restarting: %s %s, next start in %.1f s", self.program.name, cause, pause)
            self._set_state("restarting")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            self.restarts += 1

    def _gives_up(self, cause: str | StackError, exits: int) -> bool:
        """Whether to stop restarting: after a ``StackError`` or several exits before the program was ever
        ready."""
        if isinstance(cause, str):
            if exits < MAX_STARTS_BEFORE_READY:
                return False
            cause = StackError(f"{self.program.name} {cause} before it was ready{log_tail(self.log_file)}")
        self._set_state("failed")
        self._first_ready.set_exception(cause)
        return True

    async def _run_once(self) -> str | StackError:
        """Run the program until it exits, and return the cause."""
        if self._child and self._child.returncode is None:
            child = self._child
        else:
            try:
                await self.program.before_start()
                if self._stopping.is_set():
                    return "was stopped before it started"
                child = await self._spawn()
            except StackError as problem:
                return problem
            except OSError as problem:
                return f"could not be started ({problem})"
        exited = asyncio.create_task(child.wait())
        fatal = await self._probe_until(exited)
        if fatal:
            self.signal(signal.SIGKILL)
        code = await exited
        self.pid = self.started_at = None
        if fatal:
            return fatal
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"

    async def _probe_until(self, exited: asyncio.Task[int]) -> StackError | None:
        """Probe until the process has exited (None) or cannot be used (``StackError``). Failed probes are
        repeated."""
        while True:
            probing = asyncio.create_task(self._probe())
            await asyncio.wait({probing, exited}, return_when=asyncio.FIRST_COMPLETED)
            probing.cancel()
            [found] = await asyncio.gather(probing, return_exceptions=True)
            if isinstance(found, StackError):
                return found
            if exited.done():
                return None
            log.error("probe_failed: %s: %r", self.program.name, found)
            await asyncio.wait({exited}, timeout=MIN_RESTART_DELAY_SECONDS)

    async def _spawn(self) -> asyncio.subprocess.Process:
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        self._rotate_log()
        with self.log_file.open("ab") as output:
            self._child = await asyncio.create_subprocess_exec(
                *bind_to_parent(self.program.command, self.program.stop_signal, self.program.account),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self._home,
                env=self.program.environment,
                start_new_session=True,
            )
        self.pid = self._child.pid
        with contextlib.suppress(psutil.NoSuchProcess):
            self.started_at = started_at(psutil.Process(self.pid))
        self._set_state("starting")
        if self._stopping.is_set():
            self.signal(self.program.stop_signal)
        return self._child

    async def _probe(self) -> None:
        prepared = False
        while True:
            self._rotate_log()
            if not await self.program.ready():
                if self.state == "ready" and not self._stopping.is_set():
                    log.warning("process_not_ready: %s", self.program.name)
                    self._set_state("starting")
            elif self.state != "ready":
                if not prepared:
                    await self.program.on_ready()
                    prepared = True
                self._set_state("ready")
                if self._first_ready.done():
                    log.info("process_ready_again: %s", self.program.name)
                else:
                    self._first_ready.set_result(None)
            await asyncio.sleep(self.program.probe_interval if self.state == "ready" else START_POLL_SECONDS)

    def _rotate_log(self) -> None:
        if self.program.log_bytes is not None:
            rotate(self.log_file, self.program.log_bytes)

    def _set_state(self, state: str) -> None:
        if state != self.state:
            self.state = state
            self._changed()
