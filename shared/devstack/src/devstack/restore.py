"""Put a backup in the place of a stack's PostgreSQL server, and bring back what its topics hold beyond it."""

import asyncio
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cli.errors import StackError
from cli.home import SECRETS_FILE
from contracts.topology import PUBLISHERS
from devstack import backups, stale_processes
from devstack.backups import Backup
from devstack.log_recovery import recover
from devstack.report import Report
from devstack.services import SERVICES
from devstack.settings import Settings
from devstack.stack import Stack
from devstack.state_dir import StateDir
from devstack.system_user import data_owner

REPLACED = "postgres.replaced"
"""The data directory that a restore has put aside."""
RECOVERY = """\
# until the server has recovered to the chosen point in time
restore_command = 'cp "{archive}/%f" "%p" || cp "{replaced}/%f" "%p"'
recovery_target_time = '{until}'
recovery_target_action = promote
# no connections before that
hot_standby = off
"""


def restore(
    folder: Path,
    settings: Settings,
    report: Report,
    *,
    until: datetime | None = None,
    say: Callable[[str], None],
) -> list[dict[str, Any]]:
    """Check the backup, replace the data directory, and recover each service's log. Returns the reports of
    the recoveries. ``until``: recover the server to this time first, from the archive of its WAL.

    Raises ``StackError``; before the data directory is replaced nothing has been changed.
    """
    _check_settings(settings, until)
    home = StateDir(settings.home)
    home.prepare()
    with home.locked():
        stale_processes.terminate_all(home.path)
        found = backups.check(folder)
        say(f"The backup of {found.made_at} is complete: every file has its checksum.")
        _check_moment(found, until)
        _restore_secrets(folder, home.path, found)
        _replace_data(folder, home.path, settings, until)
        say(f"PostgreSQL's earlier data directory, if there was one, is in {home.path / REPLACED}.")
        home.remove_state()
        return asyncio.run(_recover_logs(Stack(settings, home, SERVICES, report), settings, home))


def _check_settings(settings: Settings, until: datetime | None) -> None:
    if settings.postgres != "embedded":
        raise StackError("FEIRA_POSTGRES is not embedded: restore that server by its own means.")
    if until is not None and (settings.wal_archive is None or not settings.wal_archive.is_dir()):
        raise StackError("A point in time needs FEIRA_WAL_ARCHIVE: the folder with the server's WAL.")
    if (settings.home / REPLACED).exists():
        raise StackError(
            f"{settings.home / REPLACED} is the data directory that an earlier restore put aside; "
            "move it away or delete it."
        )


def _check_moment(found: Backup, until: datetime | None) -> None:
    """PostgreSQL does not start with a moment that it cannot recover to."""
    if until is None:
        return
    if until <= datetime.fromisoformat(found.made_at):
        raise StackError(f"{until.isoformat()} is before this backup: restore an earlier one.")
    if until > datetime.now(UTC):
        raise StackError(f"{until.isoformat()} is in the future.")


def _restore_secrets(folder: Path, home: Path, found: Backup) -> None:
    """The passwords of the roles and the master key have to be those of the time of the backup."""
    target = home / SECRETS_FILE
    if target.exists():
        return
    if SECRETS_FILE not in found.sha256:
        raise StackError(
            f"{target} is missing and the backup has none: put it back first, since without the master key "
            "nothing can read the customers' data."
        )
    backups.copy_private(folder / SECRETS_FILE, target)


def _replace_data(folder: Path, home: Path, settings: Settings, until: datetime | None) -> None:
    fresh, data = home / "postgres.new", home / "postgres"
    account = data_owner(data)
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(folder / backups.DATA, fresh, symlinks=True)
    fresh.chmod(0o700)
    if until is not None:
        # the last WAL may not be in the archive yet
        replaced = home / REPLACED / "pg_wal"
        text = RECOVERY.format(archive=settings.wal_archive, replaced=replaced, until=until.isoformat())
        (fresh / "postgresql.auto.conf").write_text(text)
        (fresh / "recovery.signal").touch()
    if account:
        for path in [fresh, *fresh.rglob("*")]:
            os.chown(path, account.uid, account.gid, follow_symlinks=False)
    if data.exists():
        data.rename(home / REPLACED)
    fresh.rename(data)


async def _recover_logs(stack: Stack, settings: Settings, home: StateDir) -> list[dict[str, Any]]:
    try:
        await stack.start_backing_services()
        return [
            await asyncio.to_thread(
                recover,
                name,
                stack.database_url(name),
                stack.kafka_address,
                environment=settings.environment,
                log=home.logs / f"recover-log-{name}.log",
            )
            for name in PUBLISHERS
        ]
    finally:
        await stack.stop()
