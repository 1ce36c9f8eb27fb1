"""Rules for the folder that holds a stack's state."""

import os
from pathlib import Path

import pytest

from cli.errors import StackError
from devstack import state_dir as module
from devstack.state_dir import StateDir


@pytest.fixture
def home(tmp_path: Path) -> StateDir:
    home = StateDir(tmp_path / "home")
    home.prepare()
    return home


def test_the_lock_is_exclusive(home: StateDir) -> None:
    with home.locked(), pytest.raises(StackError, match="already running"), StateDir(home.path).locked():
        pass
    with StateDir(home.path).locked():
        pass


def test_a_secret_is_generated_once_and_readable_by_its_owner_only(home: StateDir) -> None:
    first = home.secret("feira_cart", lambda: "made first")
    assert (first, home.secret("feira_cart", lambda: "made later")) == ("made first", "made first")
    assert (home.path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_cleaning_removes_managed_files_only(home: StateDir) -> None:
    home.write_state({"state": "ready"})
    (home.path / "notes.txt").write_text("a file of another program")
    with home.locked():
        home.clean()
    assert [it.name for it in home.path.iterdir()] == ["notes.txt"]


def test_cleaning_removes_an_empty_directory(home: StateDir) -> None:
    with home.locked():
        home.clean()
    assert not home.path.exists()


def test_a_directory_that_cannot_be_created_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StackError, match="cannot be written"):
        StateDir(tmp_path / "file" / "home").prepare()


def test_a_full_disk_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MIN_FREE_BYTES", 1 << 62)
    with pytest.raises(StackError, match="is full"):
        StateDir(tmp_path).prepare()


def test_permissions_of_the_directory_and_its_files_are_restricted(home: StateDir) -> None:
    secrets, log = home.path / "secrets.json", home.logs / "cart.log"
    for path in (secrets, log):
        path.touch(mode=0o644)
    for folder in (home.path, home.logs):
        folder.chmod(0o755)
    with home.locked():
        home.restrict_permissions()
    modes = {it.name: it.stat().st_mode & 0o777 for it in (home.path, home.logs, secrets, log)}
    assert modes == {"home": 0o700, "logs": 0o700, "secrets.json": 0o600, "cart.log": 0o600}


def test_a_directory_of_another_user_is_refused(home: StateDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: home.path.stat().st_uid + 1)
    with pytest.raises(StackError, match="belongs to another user"):
        home.prepare()
