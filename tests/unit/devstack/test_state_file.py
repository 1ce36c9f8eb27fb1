"""What others read of a stack is late on a full disk, and does not stay away."""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path
from typing import Any

import pytest

from devstack import state_file
from devstack.state_dir import StateDir
from devstack.state_file import StateFile


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StateDir:
    monkeypatch.setattr(state_file, "RETRY_DELAY_SECONDS", 0.01)
    home = StateDir(tmp_path / "home")
    home.prepare()
    return home


async def test_a_failed_write_is_retried_until_it_succeeds(
    home: StateDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, tries = home.write_state, 0

    def write(state: dict[str, Any]) -> None:
        nonlocal tries
        tries += 1
        if tries < 4:
            raise OSError(errno.ENOSPC, "No space left on device")
        written(state)

    monkeypatch.setattr(home, "write_state", write)
    state_file = StateFile(home, lambda: {"state": "ready"})
    state_file.write()
    assert home.read_state() is None
    async with asyncio.timeout(5):
        while home.read_state() is None:  # noqa: ASYNC110  # nothing signals the condition
            await asyncio.sleep(0.01)
    assert home.read_state() == {"state": "ready"}


async def test_a_removed_state_file_is_not_written_again(
    home: StateDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "write_state", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    state_file = StateFile(home, lambda: {"state": "stopping"})
    state_file.write()
    monkeypatch.undo()
    state_file.remove()
    await asyncio.sleep(0.1)
    assert home.read_state() is None
