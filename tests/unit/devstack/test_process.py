"""Rules for keeping one program running."""

import asyncio
import errno
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from cli.errors import StackError
from devstack import liveness
from devstack.process import Process, restart_delay
from devstack.program import Program, bind_to_parent

Start = Callable[..., Process]
Lives = Callable[[], Awaitable[bool | None]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Start a Python program that counts as ready when it has made the file `ready`."""
    processes = []

    def start(
        code: str, stop_timeout: float = 5.0, is_live: Lives | None = None, log_bytes: int | None = None
    ) -> Process:
        async def ready() -> bool:
            return (tmp_path / "ready").exists()

        command = (sys.executable, "-I", "-S", "-c", code)
        program = Program(
            *("it", command, "nowhere", ready),
            stop_timeout=stop_timeout,
            is_live=is_live,
            probe_interval=0.01,
            log_bytes=log_bytes,
        )
        process = Process(program, tmp_path)
        processes.append(process)
        process.start()
        return process

    yield start
    for process in processes:
        process.kill()
        await process.stop()


READY = "import pathlib, time; pathlib.Path('ready').touch(); "
STAYS = READY + "time.sleep(60)"


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - nothing signals the condition
            await asyncio.sleep(0.01)


async def test_a_program_that_exits_is_restarted(start: Start) -> None:
    process = start(STAYS)
    await process.until_ready(10)
    first = process.pid
    assert first
    os.kill(first, signal.SIGKILL)
    await until(lambda: process.restarts == 1 and process.state == "ready")
    assert process.pid not in (None, first)


async def test_a_program_that_fails_its_liveness_probe_is_killed_and_restarted(
    start: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(liveness, "FAILING_TIMEOUT_SECONDS", 0.2)
    monkeypatch.setattr(liveness, "POLL_SECONDS", 0.01)
    asked: set[int | None] = set()

    async def lives() -> bool:
        """Of the first process once, and of those that follow."""
        is_new = process.pid not in asked
        asked.add(process.pid)
        return is_new or process.restarts > 0

    process = start(STAYS, is_live=lives)
    await until(lambda: process.restarts == 1 and process.state == "ready")
    assert "fails its liveness probe" in caplog.text


WRITES = READY + "import sys; [print(number, flush=True) or time.sleep(0.002) for number in range(1000)]"
"""Some 4 kB."""


async def test_the_log_of_a_running_program_is_rotated(start: Start, tmp_path: Path) -> None:
    process = start(WRITES + "; time.sleep(60)", log_bytes=1500)
    older = tmp_path / "logs" / "it.log.2"
    await until(lambda: older.exists() and process.log_file.read_text().endswith("999\n"))
    assert process.restarts == 0
    first, *rest = older.read_text().split()
    assert [first, *rest] == [*map(str, range(len(rest) + 1))]
    assert process.log_file.stat().st_size <= 1500


async def test_a_program_that_ends_again_and_again_cannot_fill_the_disk(start: Start, tmp_path: Path) -> None:
    process = start(READY + "raise SystemExit('x' * 1000)", log_bytes=900)
    await until(lambda: process.restarts == 3)
    assert all(it.stat().st_size <= 1001 for it in (tmp_path / "logs").iterdir())


async def test_a_service_rotates_its_own_log(start: Start, tmp_path: Path) -> None:
    process = start(WRITES + "; time.sleep(60)", log_bytes=None)
    await until(lambda: process.log_file.exists() and process.log_file.read_text().endswith("999\n"))
    assert [it.name for it in (tmp_path / "logs").iterdir()] == ["it.log"]


async def test_the_restart_delay_grows(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    process = start(READY + "raise SystemExit(7)")
    await until(lambda: process.restarts == 3)
    pauses = [record.args[2] for record in caplog.records if isinstance(record.args, tuple)]
    assert pauses[:3] == [0.2, 0.4, 0.8]
    assert "ended with exit code 7" in caplog.text


async def test_a_program_that_never_gets_ready_is_an_error_with_its_last_log_line(start: Start) -> None:
    process = start("raise SystemExit('the table is missing')")
    with pytest.raises(StackError, match=r"exit code 1 before it was ready.*the table is missing"):
        await process.until_ready(10)


async def test_a_program_that_does_not_stop_is_killed(start: Start) -> None:
    process = start(
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + STAYS, stop_timeout=0.3
    )
    await process.until_ready(10)
    pid = process.pid
    await process.stop()
    assert pid
    assert not psutil.pid_exists(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the next start ends what is left")
def test_a_program_ends_with_its_parent(tmp_path: Path) -> None:
    inner = bind_to_parent((sys.executable, "-c", STAYS), signal.SIGTERM)
    code = (
        "import os, subprocess, sys\n"
        f"command = {list(inner)!r}\n"
        f"command[4] = str(os.getpid())\n"
        "print(subprocess.Popen(command).pid, flush=True)\n"
        "sys.stdin.read()"
    )
    outer = subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert outer.stdout
    pid = int(outer.stdout.readline())
    program = psutil.Process(pid)
    outer.kill()
    outer.communicate()
    program.wait(timeout=10)


async def test_failed_state_writes_and_probes_do_not_end_the_supervision(
    tmp_path: Path,
) -> None:
    """As on a full disk: what notes a change and what looks at a program may both fail."""
    fails = True

    def change() -> None:
        if fails:
            raise OSError(errno.ENOSPC, "No space left on device")

    async def ready() -> bool:
        change()
        return True

    command = (sys.executable, "-I", "-S", "-c", STAYS)
    process = Process(Program("it", command, "nowhere", ready), tmp_path, change)
    process.start()
    try:
        await until(lambda: process.pid is not None)
        first = process.pid
        assert first
        await asyncio.sleep(1)
        assert psutil.pid_exists(first), "what runs is not ended for a look that failed"
        os.kill(first, signal.SIGKILL)
        await until(lambda: process.pid not in (None, first))
        fails = False
        await process.until_ready(10)
    finally:
        await process.stop()


def test_the_restart_delay_has_a_maximum() -> None:
    assert [restart_delay(it) for it in (1, 2, 5, 6, 2_000)] == [0.2, 0.4, 3.2, 5.0, 5.0]
