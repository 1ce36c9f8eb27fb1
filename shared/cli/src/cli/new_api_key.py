"""A new API key: what may be said of it, and its secret, which only its user gets to see.

The services store its SHA-256, whose first digits are the key's id.
"""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from cli.errors import StackError
from contracts.roles import ROLES
from kernel.security.api_key_columns import ID_DIGITS

SECRET_BYTES = 24
MIN_SECRET_LENGTH = 32
TENANT = re.compile(r"[a-z][a-z0-9-]{0,30}")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")
DURATION = re.compile(r"(\d{1,4})([smhd])")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
PRINTABLE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True)
class NewKey:
    """``kept_in``: the file that holds the secret, if any."""

    tenant: str
    role: str
    name: str
    secret: str = field(repr=False)
    kept_in: Path | None = None

    @property
    def digest(self) -> str:
        return sha256(self.secret.encode()).hexdigest()

    @property
    def key_id(self) -> str:
        return self.digest[:ID_DIGITS]


def new_key(tenant: str, role: str, name: str, file: Path | None = None) -> NewKey:
    """With the secret that ``file`` holds; without a file, or if there is none yet, with a fresh one, which
    is written to the file before anything else happens. So a repetition has the same key. Raises
    ``StackError``."""
    if not TENANT.fullmatch(tenant):
        raise StackError(f"A tenant is lower-case letters, digits and hyphens, 31 at most, not {tenant!r}.")
    if role not in ROLES:
        raise StackError(f"A role is one of {', '.join(ROLES)}, not {role!r}.")
    if not NAME.fullmatch(name):
        raise StackError(f"A key's name is letters, digits, spaces, dots and hyphens, not {name!r}.")
    secret = f"feira_{tenant}_{secrets.token_urlsafe(SECRET_BYTES)}"
    if file is not None:
        secret = _kept_in(file, secret)
    return NewKey(tenant, role, name, secret, file)


def parse_duration(text: str) -> timedelta:
    """The duration in ``24h``, ``30m``, ``7d``, ``90s`` or ``0``. Raises ``StackError``."""
    parts = DURATION.fullmatch("0s" if text == "0" else text)
    if not parts:
        raise StackError(f"--keep is a number with s, m, h or d, such as 24h, not {text!r}.")
    return timedelta(seconds=int(parts[1]) * SECONDS[parts[2]])


def _kept_in(file: Path, fresh: str) -> str:
    """The secret in the file, which is made with the fresh one if there is none. A file that a crash has cut
    short is refused for its length."""
    try:
        with suppress(FileExistsError):
            handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(handle, "w") as opened:
                opened.write(f"{fresh}\n")
                opened.flush()
                os.fsync(opened.fileno())
        secret = file.read_text().strip()
    except (OSError, UnicodeDecodeError) as trouble:
        raise StackError(f"{file} cannot be used for the key ({type(trouble).__name__}).") from None
    if len(secret) < MIN_SECRET_LENGTH or not PRINTABLE.fullmatch(secret):
        raise StackError(f"{file} holds no key: that is {MIN_SECRET_LENGTH} printable characters or more.")
    return secret
