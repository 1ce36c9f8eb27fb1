"""Backups of a stack's PostgreSQL server: made while it runs, and checked file by file.

A backup is a folder: ``postgres/`` is what ``pg_basebackup`` copies, with a SHA-256 of every file in
``backup_manifest`` and the WAL that makes the copy consistent; ``backup.json`` says what it is of. Kafka is
not in it: its topics are a copy of the logs, which the relays publish again.
"""

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from cli.errors import StackError
from cli.home import SECRETS_FILE
from contracts.topology import PUBLISHERS
from devstack.environment import inherited
from devstack.postgres import VERSION, binary_folder

DATA = "postgres"
MANIFEST = f"{DATA}/backup_manifest"
ABOUT = "backup.json"
FORMAT = 1
PREFIX = "feira-backup-"
PLACES = """
    SELECT (SELECT coalesce(max(position), 0) FROM log) AS recorded, position AS published, generation
    FROM relay_cursor
"""


@dataclass(frozen=True)
class Backup:
    """What ``backup.json`` says."""

    made_at: str
    """In UTC; the content is that of a moment soon after it."""
    feira: str
    postgres: str
    logs: dict[str, dict[str, int]]
    """By service: the last position of its log, the one up to which it was published, and the generation."""
    sha256: dict[str, str]
    """Of the files that ``backup_manifest`` does not list."""
    bytes: int
    format: int = FORMAT


def create(
    folder: Path, superuser_url: str, databases: dict[str, str], home: Path, *, secrets: bool
) -> Backup:
    """Make a backup in ``folder``, which must not exist yet; it appears under this name once it is complete.
    Raises ``StackError``."""
    if folder.exists():
        raise StackError(f"{folder} exists already.")
    draft = folder.with_name(f"{folder.name}.incomplete")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir(mode=0o700, parents=True)
        made_at = datetime.now(UTC)
        logs = {name: asyncio.run(_places(databases[name])) for name in PUBLISHERS}
        _base_backup(draft / DATA, superuser_url)
        extra = [MANIFEST, *(str(it.relative_to(draft)) for it in (draft / DATA / "pg_wal").glob("0*"))]
        if secrets:
            copy_private(home / SECRETS_FILE, draft / SECRETS_FILE)
            extra.append(SECRETS_FILE)
        found = Backup(
            made_at=made_at.isoformat(timespec="seconds"),
            feira=version("feira-devstack"),
            postgres=VERSION,
            logs=logs,
            sha256={name: _sha256(draft / name) for name in extra},
            bytes=sum(it.stat().st_size for it in draft.rglob("*") if it.is_file()),
        )
        (draft / ABOUT).write_text(json.dumps(asdict(found), indent=2))
        draft.rename(folder)
    except OSError as problem:
        raise StackError(f"The backup cannot be written to {folder}: {problem.strerror}.") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return found


def default_name() -> str:
    return f"{PREFIX}{datetime.now(UTC):%Y%m%dT%H%M%SZ}"


def read(folder: Path) -> Backup:
    """Raises ``StackError`` if there is no backup in this folder, or one of later code."""
    try:
        fields: dict[str, Any] = json.loads((folder / ABOUT).read_text())
    except (OSError, ValueError):
        raise StackError(f"There is no complete backup in {folder}.") from None
    if fields.get("format") != FORMAT:
        raise StackError(f"The backup in {folder} was made by another version of Feira.")
    return Backup(**fields)


def check(folder: Path) -> Backup:
    """Compare every file with its SHA-256. Raises ``StackError``.

    Not by ``pg_verifybackup``, which ends with a segmentation fault in this build of PostgreSQL.
    """
    found = read(folder)
    _compare(folder, found.sha256)
    manifest = json.loads((folder / MANIFEST).read_text())
    _compare(folder / DATA, {it["Path"]: it["Checksum"] for it in manifest["Files"]})
    return found


def _compare(folder: Path, sha256: Mapping[str, str]) -> None:
    for name, expected in sha256.items():
        if not (folder / name).is_file() or _sha256(folder / name) != expected:
            raise StackError(f"{folder / name} is missing, or differs from what was backed up.")


def find(parent: Path) -> list[tuple[Path, Backup]]:
    """The complete backups in a folder, the latest first."""
    folders = [it for it in parent.glob("*") if (it / ABOUT).is_file()] if parent.is_dir() else []
    return sorted(((it, read(it)) for it in folders), key=lambda it: it[1].made_at, reverse=True)


async def _places(url: str) -> dict[str, int]:
    connection = await asyncpg.connect(url, timeout=10)
    try:
        row = await connection.fetchrow(PLACES)
        return dict(row) if row else {}
    finally:
        await connection.close()


def _base_backup(target: Path, superuser_url: str) -> None:
    """The password goes by the environment: command lines are visible to every user of the machine."""
    parts = urlsplit(superuser_url)
    where = urlunsplit(parts._replace(netloc=f"{parts.username}@{parts.hostname}:{parts.port}", path="/"))
    done = _run(
        *("pg_basebackup", "--pgdata", str(target), "--dbname", where),
        *("--wal-method", "stream", "--checkpoint", "fast", "--manifest-checksums", "SHA256"),
        password=parts.password,
    )
    if done.returncode:
        raise StackError(f"pg_basebackup has failed: {_reason(done.stderr)}")


def _run(program: str, *arguments: str, password: str | None = None) -> subprocess.CompletedProcess[str]:
    secret = {"PGPASSWORD": password} if password else {}
    return subprocess.run(  # noqa: S603  # PostgreSQL's own programs
        (str(binary_folder() / program), *arguments),
        check=False,
        capture_output=True,
        text=True,
        env=inherited() | secret,
    )


def copy_private(source: Path, target: Path) -> None:
    """Copy a file so that only its owner can read it, at every moment. Raises ``FileExistsError``."""
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(source.read_bytes())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _reason(output: str) -> str:
    lines = output.strip().splitlines()
    return lines[-1] if lines else "no reason given"
