"""The folder that holds all state of one stack: data, logs, secrets, and where everything listens."""

import contextlib
import errno
import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cli.stack.errors import StackError

MANAGED_ENTRIES = (
    *("postgres", "postgres.new", "postgres.password", "kafka", "logs"),
    *("state.json", "state.new", "secrets.json", "secrets.new"),
    "lock",
)
MIN_FREE_BYTES = 300 * 1024 * 1024


class StateDir:
    """One stack's folder on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.logs = path / "logs"
        self._state = path / "state.json"
        self._secrets = path / "secrets.json"
        self._lock = path / "lock"

    def prepare(self) -> None:
        """Make the folder, and refuse one that cannot hold a stack, or that another user owns."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._refuse_if_anothers()
            self.logs.mkdir(mode=0o700, exist_ok=True)
        except OSError as problem:
            raise StackError(f"FEIRA_HOME {self.path} cannot be written: {problem.strerror}.") from None
        free = shutil.disk_usage(self.path).free
        if free < MIN_FREE_BYTES:
            raise StackError(
                f"The disk of {self.path} is full: {free >> 20} MB are free and a stack needs "
                f"{MIN_FREE_BYTES >> 20} MB."
            )

    def _refuse_if_anothers(self) -> None:
        """Whoever owns the folder can read and replace all that lies in it."""
        owner = self.path.stat().st_uid
        if owner != os.geteuid():
            raise StackError(
                f"FEIRA_HOME {self.path} belongs to another user ({owner}); set another FEIRA_HOME."
            )

    def restrict_permissions(self) -> None:
        """The folder and what is ours in it, also what was made open. Only while held: PostgreSQL looks after
        its own folder, and where it is another user it is let through again when it starts."""
        ours = (self.path, self.logs, self.path / "kafka", self._secrets, self._lock, *self.logs.iterdir())
        for path in ours:
            if path.exists() and not path.is_symlink():
                path.chmod(0o700 if path.is_dir() else 0o600)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the home for oneself: one stack at a time lives in it."""
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
        """Whether nobody has cleaned the lock's file away between opening and locking it."""
        try:
            return os.path.samestat(os.fstat(lock), self._lock.stat())
        except FileNotFoundError:
            return False

    def clean(self, *, keep_lock: bool = False) -> None:
        """Remove what a stack keeps here, and the folder if nothing else is in it; only while held."""
        for name in MANAGED_ENTRIES[:-1] if keep_lock else MANAGED_ENTRIES:
            path = self.path / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.path.rmdir()

    def secret(self, name: str, make: Callable[[], str]) -> str:
        """The secret of this name, made at its first use and kept from then on."""
        kept = self._kept()
        if name not in kept:
            kept[name] = make()
            _write_privately(self._secrets, kept, lasting=True)
        return str(kept[name])

    def stored_secret(self, name: str) -> str | None:
        return self._kept().get(name)

    def _kept(self) -> dict[str, str]:
        kept: dict[str, str] = json.loads(self._secrets.read_text()) if self._secrets.exists() else {}
        return kept

    def write_state(self, state: dict[str, Any]) -> None:
        _write_privately(self._state, state)

    def read_state(self) -> dict[str, Any] | None:
        try:
            state = json.loads(self._state.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        except OSError as problem:
            raise StackError(f"{self._state} cannot be read: {problem.strerror}.") from None
        return state if isinstance(state, dict) else None

    def remove_state(self) -> None:
        self._state.unlink(missing_ok=True)


def _write_privately(path: Path, content: dict[str, Any], *, lasting: bool = False) -> None:
    """Replace the file at once, so that a reader finds the old or the new one, never half; if ``lasting``,
    also after the machine has lost its power."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(content, out, indent=2)
        if lasting:
            out.flush()
            os.fsync(out.fileno())
    draft.replace(path)
