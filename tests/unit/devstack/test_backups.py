"""A backup counts only if every file of it is as it was made."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from cli.errors import StackError
from devstack import backups
from devstack.backups import Backup
from devstack.report import Report
from devstack.restore import restore
from devstack.settings import read as read_settings


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def made(folder: Path, made_at: str = "2026-11-29T12:00:00+00:00") -> Path:
    """A backup as `feira backup` leaves one, with two files of data."""
    files = {"PG_VERSION": "18\n", "base/1": "rows"}
    for name, text in files.items():
        path = folder / backups.DATA / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    listed = [{"Path": name, "Checksum": sha256(text)} for name, text in files.items()]
    manifest = json.dumps({"Files": listed})
    (folder / backups.MANIFEST).write_text(manifest)
    about = Backup(made_at, "0.2.0", "18", {}, {backups.MANIFEST: sha256(manifest)}, 6)
    (folder / backups.ABOUT).write_text(json.dumps(asdict(about)))
    return folder


def test_a_complete_backup_is_accepted(tmp_path: Path) -> None:
    assert backups.check(made(tmp_path / "one")).made_at == "2026-11-29T12:00:00+00:00"


@pytest.mark.parametrize("name", ["base/1", "backup_manifest"])
def test_a_changed_file_is_found(tmp_path: Path, name: str) -> None:
    folder = made(tmp_path / "one")
    with (folder / backups.DATA / name).open("a") as file:
        file.write(" ")
    with pytest.raises(StackError, match=name):
        backups.check(folder)


def test_a_missing_file_is_found(tmp_path: Path) -> None:
    folder = made(tmp_path / "one")
    (folder / backups.DATA / "base/1").unlink()
    with pytest.raises(StackError, match="base/1"):
        backups.check(folder)


def test_backups_are_listed_with_the_latest_first_and_without_incomplete_ones(tmp_path: Path) -> None:
    earlier = made(tmp_path / "a", "2026-11-29T12:00:00+00:00")
    later = made(tmp_path / "b", "2026-11-29T13:00:00+00:00")
    (tmp_path / "c.incomplete").mkdir()
    assert [folder for folder, _ in backups.find(tmp_path)] == [later, earlier]


def test_a_backup_of_another_format_is_refused(tmp_path: Path) -> None:
    folder = made(tmp_path / "one")
    about = json.loads((folder / backups.ABOUT).read_text()) | {"format": 99}
    (folder / backups.ABOUT).write_text(json.dumps(about))
    with pytest.raises(StackError, match="another version"):
        backups.read(folder)


@pytest.mark.parametrize(
    ("until", "refusal"),
    [
        (datetime(2026, 11, 29, 12, tzinfo=UTC), "is before this backup"),
        (datetime.now(UTC) + timedelta(days=1), "is in the future"),
    ],
    ids=["before the backup", "in the future"],
)
def test_a_moment_that_cannot_be_recovered_to_is_refused_and_nothing_is_replaced(
    tmp_path: Path, until: datetime, refusal: str
) -> None:
    home, archive = tmp_path / "home", tmp_path / "wal"
    archive.mkdir()
    (home / "postgres").mkdir(parents=True)
    environment = {"FEIRA_HOME": str(home), "FEIRA_WAL_ARCHIVE": str(archive)}
    settings = read_settings((), environment)
    report = Report(Console(quiet=True))
    with pytest.raises(StackError, match=refusal):
        restore(made(tmp_path / "one"), settings, report, until=until, say=lambda _: None)
    assert not (home / "postgres.replaced").exists()
