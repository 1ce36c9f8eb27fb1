"""The URL of a PostgreSQL database, its password in a setting of its own, and what production demands."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, parse_qs, quote, urlsplit

from pydantic import BeforeValidator, Field

from kernel.service.environment import PREFIX


def is_address(parts: SplitResult) -> bool:
    """Checked here, because the library's error repeats the text in the port's place, such as a password."""
    try:
        return parts.port != 0
    except ValueError:
        return False


def _postgres(url: str) -> str:
    parts = urlsplit(url)
    names_database = parts.scheme in {"postgresql", "postgres"} and parts.path.strip("/")
    if not names_database or not is_address(parts):
        raise ValueError("must look like postgresql://user:password@host:port/database")
    authorities = parse_qs(parts.query).get("sslrootcert", [])
    if any(not Path(it).is_file() for it in authorities):
        raise ValueError("its sslrootcert names no file")
    return url


DatabaseUrl = Annotated[str, BeforeValidator(_postgres), Field(repr=False)]
Password = Annotated[str, Field(repr=False)]


def with_password(values: Any, url: str, password: str) -> Any:
    """The values of settings, with the one named ``password`` put into the one named ``url``."""
    if not isinstance(values, Mapping) or not values.get(url) or not values.get(password):
        return values
    parts = urlsplit(values[url])
    user, at, address = parts.netloc.rpartition("@")
    if not at or ":" in user:
        names = f"{PREFIX}{url.upper()}", f"{PREFIX}{password.upper()}"
        raise ValueError(f"{names[0]} must name a user, and no password beside {names[1]}")
    netloc = f"{user}:{quote(values[password], safe='')}@{address}"
    return {**values, url: parts._replace(netloc=netloc).geturl()}


def check_production(url: str, name: str) -> None:
    """Raises ``ValueError`` unless the server has to prove who it is, and the role who it is."""
    parts = urlsplit(url)
    if not parts.password:
        raise ValueError(f"{PREFIX}{name.upper()} needs a password in production")
    if parse_qs(parts.query).get("sslmode", [""])[-1] != "verify-full":
        raise ValueError(f"{PREFIX}{name.upper()} needs sslmode=verify-full in production")
