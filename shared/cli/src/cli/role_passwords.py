"""Passwords of database roles, one file each: given, or generated and written for their owner alone."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cli.errors import StackError

PASSWORD_BYTES = 24


def password_in(folder: Path, role: str) -> str:
    """The content of the file named like the role; if there is none, a new password, which is written there
    first. Raises ``StackError``."""
    path = folder / role
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _write(path, secrets.token_urlsafe(PASSWORD_BYTES))
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError) as problem:
        raise StackError(f"{path} cannot be used: {type(problem).__name__}.") from None


def _write(path: Path, password: str) -> None:
    """Whole or not at all: a role's password is known before the role has it."""
    new = path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(password)
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)
