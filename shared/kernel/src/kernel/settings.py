"""What every service can be told from outside, read once at its start."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from kernel.faults import failpoints
from kernel.instants import EARLIEST
from kernel.instants import read as read_moment
from kernel.rate_limits import rate_of

S = TypeVar("S", bound=BaseSettings)

PREFIX = "FEIRA_"
SECRETS_DIR = f"{PREFIX}SECRETS_DIR"


def _is_address(parts: SplitResult) -> bool:
    """Asked here, for the words of the library repeat what stands where the port should, a password say."""
    try:
        return parts.port != 0
    except ValueError:
        return False


def _postgres(url: str) -> str:
    parts = urlsplit(url)
    fits = parts.scheme in {"postgresql", "postgres"} and parts.path.strip("/")
    if not fits or not _is_address(parts):
        raise ValueError("must look like postgresql://user:password@host:port/database")
    return url


def _web(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not _is_address(parts):
        raise ValueError("must look like http://host:port")
    return url.rstrip("/")


def _brokers(value: str) -> str:
    for address in value.split(","):
        host, _, port = address.strip().rpartition(":")
        if not host or not port.isdecimal():
            raise ValueError("must look like host:port")
    return value


def _rate(told: str) -> str:
    rate_of(told)
    return told


def _moment(value: str | datetime) -> datetime:
    return value if isinstance(value, datetime) else read_moment(value)


def _failpoints(told: str) -> str:
    failpoints.rules_of(told)
    return told


Port = Annotated[int, Field(ge=1, le=65535)]
DatabaseUrl = Annotated[str, BeforeValidator(_postgres), Field(repr=False)]
WebUrl = Annotated[str, BeforeValidator(_web)]
Brokers = Annotated[str, BeforeValidator(_brokers)]
Rate = Annotated[str, AfterValidator(_rate)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Failpoints = Annotated[str, BeforeValidator(_failpoints)]


THIRTEEN_MONTHS = 397.0
"""Days."""
Hours = Annotated[float, Field(ge=24, le=24 * 3660)]
Days = Annotated[float, Field(ge=30, le=3660)]


class ServiceSettings(BaseSettings):
    """A service adds its own settings, or makes one of these compulsory by naming it without a default."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    env: Literal["local", "test", "production"] = "local"
    host: str = "127.0.0.1"
    port: Port
    database_url: DatabaseUrl
    kafka_bootstrap: Brokers
    supervisor_pid: Annotated[int, Field(ge=1)] | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    instance: str = Field(default="feira", min_length=1, max_length=63)
    reuse_port: bool = False
    admin_port: Port | None = None
    database_connections: int = Field(default=10, ge=2, le=100)
    requests: int = Field(default=64, ge=1, le=10_000)
    """How many small requests are worked on at once; tenants share them."""
    header_seconds: float = Field(default=10.0, gt=0, le=3600)
    """For how long a caller may take to send the headers of a request."""
    body_seconds: float = Field(default=10.0, gt=0, le=3600)
    """For how long a caller may take to send the body."""
    write_seconds: float = Field(default=30.0, gt=0, le=3600)
    """For how long a caller may leave what has been written."""
    idle_seconds: float = Field(default=65.0, gt=0, le=3600)
    """For how long a connection is kept between two requests: longer than load balancers keep theirs."""
    answer_seconds: float = Field(default=3600.0, gt=0, le=86_400)
    """For how long an answer may take, a stream of events as well; whoever reads one comes again."""
    connections: int = Field(default=2000, ge=10, le=100_000)
    """So many at most; for another one, the one has to go that has kept us waiting for longest."""
    earliest_occurred_at: Moment = EARLIEST
    """Before it nothing can have occurred, whatever ``Feira-Occurred-At`` says."""

    answer_hours: Hours = 48.0
    """How long an answer is kept for a repetition of its request; the database lets none go within a day."""
    command_days: Days = THIRTEEN_MONTHS
    """How long it is kept that a command was taken; `feira verify` counts on a month."""
    retention_seconds: float = Field(default=3600.0, gt=0, le=86_400)
    """Between two looks for what is to be forgotten."""

    failpoints: Failpoints = ""
    """For tests of faults alone: see ``docs/how-to/use-failpoints.md``."""

    @property
    def keep_answers(self) -> timedelta:
        return timedelta(hours=self.answer_hours)

    @property
    def keep_commands(self) -> timedelta:
        return timedelta(days=self.command_days)

    @model_validator(mode="after")
    def _production_is_guarded(self) -> Self:
        if self.env == "production" and not urlsplit(self.database_url).password:
            raise ValueError(f"{PREFIX}DATABASE_URL needs a password in production")
        if self.env == "production" and self.failpoints:
            raise ValueError(f"{PREFIX}FAILPOINTS must not be set in production")
        return self


class MigrationSettings(BaseSettings):
    """What a migration needs: a role that owns the database, and no more."""

    model_config = ServiceSettings.model_config

    migration_url: DatabaseUrl
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    instance: str = Field(default="migrate", min_length=1, max_length=63)


def read(kind: type[S]) -> S:
    """The settings from the environment, or from files called like its variables (``feira_master_key``) in
    the folder that it names; says in one line what is wrong with them and exits otherwise."""
    folder = os.environ.get(SECRETS_DIR) or None
    if folder and not Path(folder).is_dir():
        sys.exit(f"{SECRETS_DIR}: there is no folder {folder}")
    try:
        return kind(_secrets_dir=folder)
    except ValidationError as wrong:
        sys.exit("; ".join(_sentence(it["loc"], it["msg"]) for it in wrong.errors(include_input=False)))


def _sentence(where: tuple[int | str, ...], message: str) -> str:
    told = message.removeprefix("Value error, ")
    return f"{PREFIX}{str(where[0]).upper()}: {told}" if where else told
