"""The state directory of a stack (FEIRA_HOME): data, logs, secrets, lock and state file."""

import contextlib
import errno
import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cli.errors import StackError
from cli.home import SECRETS_FILE, STATE_FILE, read_secrets, read_state

MANAGED_ENTRIES = (
    *("postgres", "postgres.new", "postgres.password", "postgres.replaced", "kafka", "prometheus", "logs"),
    *(STATE_FILE, "state.new", SECRETS_FILE, "secrets.new"),
    "lock",
)
MIN_FREE_BYTES = 300 * 1024 * 1024


class StateDir:
    """The state directory of one stack."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.logs = path / "logs"
        self._state = path / STATE_FILE
        self._secrets = path / SECRETS_FILE
        self._lock = path / "lock"

    def prepare(self) -> None:
        """Create the directory. Raises ``StackError`` if it is not writable, too full, or owned by another
        user."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._check_owner()
            self.logs.mkdir(mode=0o700, exist_ok=True)
        except OSError as problem:
            raise StackError(f"FEIRA_HOME {self.path} cannot be written: {problem.strerror}.") from None
        free = shutil.disk_usage(self.path).free
        if free < MIN_FREE_BYTES:
            raise StackError(
                f"The disk of {self.path} is full: {free >> 20} MB are free and a stack needs "
                f"{MIN_FREE_BYTES >> 20} MB."
            )

    def _check_owner(self) -> None:
        """The owner of the directory can read and replace everything in it."""
        owner = self.path.stat().st_uid
        if owner != os.geteuid():
            raise StackError(
                f"FEIRA_HOME {self.path} belongs to another user ({owner}); set another FEIRA_HOME."
            )

    def restrict_permissions(self) -> None:
        """Restrict the directory and its files to the owner. Only while locked. PostgreSQL's folder is left
        out: its own user gets access again when it starts."""
        ours = (self.path, self.logs, self.path / "kafka", self._secrets, self._lock, *self.logs.iterdir())
        for path in ours:
            if path.exists() and not path.is_symlink():
                path.chmod(0o700 if path.is_dir() else 0o600)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the directory exclusively: it serves one stack at a time. Raises ``StackError`` if it is
        locked."""
        while True:
            try:
                handle = self._lock.open("a")
            except OSError as problem:
                raise StackError(f"FEIRA_HOME {self.path} cannot be written: {problem.strerror}.") from None
            with handle:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError as problem:
                    if problem.errno not in (errno.EAGAIN, errno.EACCES):
                        raise
                    raise StackError(
                        f"A stack is already running in {self.path}; stop it, or set another FEIRA_HOME."
                    ) from None
                if not self._is_current_lock(handle.fileno()):
                    continue
                yield
                return

    def _is_current_lock(self, lock: int) -> bool:
        """Whether the locked file still exists: `feira clean` may have removed it between opening and
        locking."""
        try:
            return os.path.samestat(os.fstat(lock), self._lock.stat())
        except FileNotFoundError:
            return False

    def clean(self, *, keep_lock: bool = False) -> None:
        """Remove all managed files, and the directory if it is empty then. Only while locked."""
        for name in MANAGED_ENTRIES[:-1] if keep_lock else MANAGED_ENTRIES:
            path = self.path / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.path.rmdir()

    def secret(self, name: str, make: Callable[[], str]) -> str:
        """The stored secret of this name; generated with ``make`` at its first use."""
        stored = read_secrets(self.path)
        if name not in stored:
            stored[name] = make()
            _write_private(self._secrets, stored, durable=True)
        return str(stored[name])

    def write_state(self, state: dict[str, Any]) -> None:
        _write_private(self._state, state)

    def read_state(self) -> dict[str, Any] | None:
        return read_state(self.path)

    def remove_state(self) -> None:
        self._state.unlink(missing_ok=True)


def _write_private(path: Path, content: dict[str, Any], *, durable: bool = False) -> None:
    """Replace the file atomically, readable by its owner only; with ``durable`` it is fsynced first."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(content, out, indent=2)
        if durable:
            out.flush()
            os.fsync(out.fileno())
    draft.replace(path)
