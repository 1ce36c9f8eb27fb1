"""Contexts: named remote installations of Feira, each with its URLs and an API key.

They are stored in one file in the folder of the user's settings (XDG). It holds keys, so only the user may
read it. A change replaces the file as a whole, and two changes at once come one after the other.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli.errors import StackError
from contracts.public_paths import operator_path
from contracts.topology import SERVICE_NAMES

LOCAL = "local"
"""Instead of a context's name: the stack in FEIRA_HOME."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
LOCK_SECONDS = 5.0
RETRY_SECONDS = 0.02
FOR_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Context:
    """``url``: of a host before all services, or empty; ``urls``: of single services, which take precedence.
    ``ca_file``: certificates to trust instead of the system's, or empty."""

    name: str
    url: str
    urls: Mapping[str, str]
    key: str = field(repr=False)
    ca_file: str = ""

    def base_urls(self) -> dict[str, str]:
        """The URL of each service, to which paths such as ``/v1/parked`` are appended."""
        shared = {it: f"{self.url}{operator_path(it)}" for it in SERVICE_NAMES} if self.url else {}
        return shared | dict(self.urls)

    def as_json(self) -> dict[str, Any]:
        """Without the key."""
        shown = {"name": self.name, "url": self.url or None, "urls": dict(self.urls)}
        return shown | {"ca_file": self.ca_file or None, "has_key": bool(self.key)}


@dataclass(frozen=True)
class Contexts:
    """What the file holds. ``current``: the name of the context in use, or empty."""

    current: str
    by_name: Mapping[str, Context]

    def get(self, name: str) -> Context:
        """Raises ``StackError``."""
        if name not in self.by_name:
            raise StackError(f"There is no context {name}; `feira context list` shows them.")
        return self.by_name[name]


def file_of(environment: Mapping[str, str]) -> Path:
    base = environment.get("XDG_CONFIG_HOME") or ""
    folder = Path(base) if base.startswith("/") else Path(environment.get("HOME") or Path.home()) / ".config"
    return folder / "feira" / "contexts.json"


def read(file: Path) -> Contexts:
    """No file is no context. Raises ``StackError`` for one that others may read, or that is damaged."""
    try:
        with file.open() as opened:
            if stat.S_IMODE(os.fstat(opened.fileno()).st_mode) & FOR_OTHERS:
                raise StackError(f"{file} holds keys and may be read by others: use `chmod 600`.")
            found = json.load(opened)
        contexts = {name: Context(name=name, **it) for name, it in found["contexts"].items()}
        return Contexts(str(found["current"]), contexts)
    except FileNotFoundError:
        return Contexts("", {})
    except OSError as trouble:
        raise StackError(f"{file} cannot be read ({trouble.strerror}).") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise StackError(f"{file} is damaged; remove it and add the contexts again.") from None


def store(file: Path, context: Context, *, replace: bool) -> None:
    """Raises ``StackError`` if there is one of this name and it is not to be replaced."""
    with _changing(file) as found:
        if context.name in found.by_name and not replace:
            raise StackError(f"There is a context {context.name} already; --replace replaces it.")
        _write(file, Contexts(found.current, {**found.by_name, context.name: context}))


def use(file: Path, name: str) -> None:
    """``local`` ends the use of any context. Raises ``StackError``."""
    with _changing(file) as found:
        current = "" if name == LOCAL else found.get(name).name
        _write(file, Contexts(current, found.by_name))


def remove(file: Path, name: str) -> None:
    """Raises ``StackError``."""
    with _changing(file) as found:
        found.get(name)
        rest = {other: it for other, it in found.by_name.items() if other != name}
        _write(file, Contexts("" if found.current == name else found.current, rest))


@contextmanager
def _changing(file: Path) -> Iterator[Contexts]:
    """What the file holds, while no other process changes it."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with file.with_suffix(".lock").open("w") as lock:
            _acquire(lock.fileno(), file)
            yield read(file)
    except OSError as trouble:
        raise StackError(f"{file} cannot be written ({trouble.strerror}).") from None


def _acquire(lock: int, file: Path) -> None:
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        if time.monotonic() > deadline:
            raise StackError(f"Another process keeps {file} locked; nothing was changed.")
        time.sleep(RETRY_SECONDS)


def _write(file: Path, contexts: Contexts) -> None:
    """A crash leaves the old file or the new one. The temporary file is the user's alone from the start."""
    fields = {
        name: {"url": it.url, "urls": dict(it.urls), "key": it.key, "ca_file": it.ca_file}
        for name, it in sorted(contexts.by_name.items())
    }
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}.")
    try:
        with os.fdopen(handle, "w") as opened:
            json.dump({"current": contexts.current, "contexts": fields}, opened, indent=1)
            opened.flush()
            os.fsync(opened.fileno())
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
