"""Settings that all services share, read once at start-up from the environment or from files."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    BeforeValidator,
    Field,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from kernel.faults import failpoints
from kernel.instants import EARLIEST
from kernel.instants import read as read_moment
from kernel.service.rate_settings import RateSettings
from kernel.store.snapshots.due import DEFAULT_SNAPSHOT_FACTS

S = TypeVar("S", bound=BaseSettings)

PREFIX = "FEIRA_"
SECRETS_DIR = f"{PREFIX}SECRETS_DIR"


def _is_address(parts: SplitResult) -> bool:
    """Checked here, because the library's error repeats the text in the port's place, such as a password."""
    try:
        return parts.port != 0
    except ValueError:
        return False


def _postgres(url: str) -> str:
    parts = urlsplit(url)
    names_database = parts.scheme in {"postgresql", "postgres"} and parts.path.strip("/")
    if not names_database or not _is_address(parts):
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


def _service_urls(text: str) -> str:
    for part in filter(None, text.split(",")):
        name, _, url = part.partition("=")
        if not name:
            raise ValueError("must look like service=http://host:port,service=http://host:port")
        _web(url)
    return text


def _moment(value: str | datetime) -> datetime:
    return value if isinstance(value, datetime) else read_moment(value)


def _failpoints(text: str) -> str:
    failpoints.rules_of(text)
    return text


Port = Annotated[int, Field(ge=1, le=65535)]
DatabaseUrl = Annotated[str, BeforeValidator(_postgres), Field(repr=False)]
WebUrl = Annotated[str, BeforeValidator(_web)]
ServiceUrls = Annotated[str, BeforeValidator(_service_urls)]
Brokers = Annotated[str, BeforeValidator(_brokers)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Failpoints = Annotated[str, BeforeValidator(_failpoints)]
Instance = Annotated[str, Field(min_length=1, max_length=63)]


Positive = Annotated[float, Field(gt=0)]
"""A length of time in the unit that the name of the setting says."""
UpToAnHour = Annotated[float, Field(gt=0, le=3600)]
"""Seconds."""
UpToADay = Annotated[float, Field(gt=0, le=86_400)]
"""Seconds."""

MIN_SECRET_LENGTH = 16
THIRTEEN_MONTHS = 397.0
"""Days."""
Hours = Annotated[float, Field(ge=24, le=24 * 3660)]
Days = Annotated[float, Field(ge=30, le=3660)]


class ServiceSettings(RateSettings):
    """A service adds its own settings, or makes one of these required by declaring it without a default.

    Each has a name that ends with its unit, an annotated type with its limits, a default, and a docstring
    unless the name says it all. The type of a secret has ``Field(repr=False)``, so that no text of the
    settings shows it.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    env: Literal["local", "test", "production"] = "local"
    host: str = "127.0.0.1"
    port: Port
    database_url: DatabaseUrl
    kafka_bootstrap: Brokers
    supervisor_pid: Annotated[int, Field(ge=1)] | None = None
    """A process with whose end this one ends, too."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    instance: Instance = "feira"
    """The name of this replica, which its successor takes over."""
    reuse_port: bool = False
    """Whether several replicas listen on the port."""
    admin_port: Port | None = None
    """A port of this replica alone, on 127.0.0.1."""
    database_connections: Annotated[int, Field(ge=2, le=100)] = 10
    requests: Annotated[int, Field(ge=1, le=10_000)] = 64
    """Maximum number of small requests in progress at once; tenants share them."""
    header_seconds: UpToAnHour = 10.0
    """Maximum time in which a caller sends the headers of a request."""
    body_seconds: UpToAnHour = 10.0
    """Maximum time in which a caller sends the body."""
    write_seconds: UpToAnHour = 30.0
    """Maximum time for which a caller leaves a written response unread."""
    idle_seconds: UpToAnHour = 65.0
    """How long an idle connection is kept: longer than load balancers keep theirs."""
    answer_seconds: UpToADay = 3600.0
    """Maximum duration of a response, also of a stream of events, whose reader connects again."""
    connections: Annotated[int, Field(ge=10, le=100_000)] = 2000
    """Maximum number of connections; a further one replaces the one that has been waited for longest."""
    earliest_occurred_at: Moment = EARLIEST
    """The earliest time that ``Feira-Occurred-At`` may state."""

    answer_hours: Hours = 48.0
    """Retention of responses by idempotency key; the database refuses to delete one within a day."""
    command_days: Days = THIRTEEN_MONTHS
    """Retention of the inbox entries of commands; `feira verify` needs a month of them."""
    retention_seconds: UpToADay = 3600.0
    """Interval between two deletions of expired rows."""

    clock_urls: ServiceUrls = ""
    """The services whose clocks are moved together, as ``service=http://host:port``, with commas between; the
    first one keeps the time. Empty: there is no clock to move."""
    clock_secret: Annotated[str, Field(max_length=256, repr=False)] = ""
    """Bearer token among these services."""
    snapshot_facts: Annotated[int, Field(ge=0, le=1_000_000)] = DEFAULT_SNAPSHOT_FACTS
    """Facts from one snapshot of a stream to the next; 0: no snapshots."""

    failpoints: Failpoints = ""
    """Only for fault tests: see ``docs/how-to/use-failpoints.md``."""

    @property
    def keep_answers(self) -> timedelta:
        return timedelta(hours=self.answer_hours)

    @property
    def keep_commands(self) -> timedelta:
        return timedelta(days=self.command_days)

    @property
    def clock_addresses(self) -> dict[str, str]:
        """Service -> URL, in the order of ``clock_urls``."""
        parts = (it.partition("=") for it in filter(None, self.clock_urls.split(",")))
        return {name: _web(url) for name, _, url in parts}

    @model_validator(mode="after")
    def _check_production(self) -> Self:
        if self.env == "production" and not urlsplit(self.database_url).password:
            raise ValueError(f"{PREFIX}DATABASE_URL needs a password in production")
        if self.env == "production" and self.failpoints:
            raise ValueError(f"{PREFIX}FAILPOINTS must not be set in production")
        if self.env == "production" and (self.clock_urls or self.clock_secret):
            raise ValueError(f"{PREFIX}CLOCK_URLS and {PREFIX}CLOCK_SECRET must not be set in production")
        if self.clock_urls and len(self.clock_secret) < MIN_SECRET_LENGTH:
            raise ValueError(f"{PREFIX}CLOCK_SECRET needs {MIN_SECRET_LENGTH} characters or more")
        return self


class MigrationSettings(BaseSettings):
    """Settings of a migration, which runs as the role that owns the database."""

    model_config = ServiceSettings.model_config

    migration_url: DatabaseUrl
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    instance: Instance = "migrate"


def read(kind: type[S]) -> S:
    """The settings from the environment, or from files named like its variables (``feira_database_url``) in
    the folder ``FEIRA_SECRETS_DIR``. Exits with one line that says what is wrong with them."""
    folder = os.environ.get(SECRETS_DIR) or None
    if folder and not Path(folder).is_dir():
        sys.exit(f"{SECRETS_DIR}: there is no folder {folder}")
    try:
        return kind(_secrets_dir=folder)
    except ValidationError as invalid:
        sys.exit("; ".join(_sentence(it["loc"], it["msg"]) for it in invalid.errors(include_input=False)))


def _sentence(path: tuple[int | str, ...], message: str) -> str:
    reason = message.removeprefix("Value error, ")
    return f"{PREFIX}{str(path[0]).upper()}: {reason}" if path else reason
