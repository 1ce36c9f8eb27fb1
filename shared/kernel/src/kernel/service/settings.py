"""Settings that all processes of services share, read once at start-up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, model_validator
from pydantic_settings import BaseSettings

from kernel.faults import failpoints
from kernel.instants import EARLIEST
from kernel.instants import read as read_moment
from kernel.service.database_settings import (
    DatabaseUrl,
    Password,
    check_production,
    is_address,
    with_password,
)
from kernel.service.environment import CONFIG, PREFIX
from kernel.service.kafka_settings import KafkaSettings
from kernel.service.rate_settings import RateSettings
from kernel.store.snapshots.due import DEFAULT_SNAPSHOT_FACTS

MAX_INSTANCE_LENGTH = 63
"""PostgreSQL cuts the name of an application there."""


def _web(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not is_address(parts):
        raise ValueError("must look like http://host:port")
    return url.rstrip("/")


def _service_urls(text: str) -> str:
    for part in filter(None, text.split(",")):
        name, _, url = part.partition("=")
        if not name:
            raise ValueError("must look like service=http://host:port,service=http://host:port")
        _web(url)
    return text


def _moment(value: str | datetime) -> datetime:
    return value if isinstance(value, datetime) else read_moment(value)


def _instance(name: str) -> str:
    """The last characters: in generated names, such as a pod's, they are what differs."""
    return name[-MAX_INSTANCE_LENGTH:]


def _failpoints(text: str) -> str:
    failpoints.rules_of(text)
    return text


Env = Literal["local", "test", "production"]
Port = Annotated[int, Field(ge=1, le=65535)]
WebUrl = Annotated[str, BeforeValidator(_web)]
ServiceUrls = Annotated[str, BeforeValidator(_service_urls)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Failpoints = Annotated[str, BeforeValidator(_failpoints)]
Instance = Annotated[str, BeforeValidator(_instance), Field(min_length=1)]


Positive = Annotated[float, Field(gt=0)]
"""A length of time in the unit that the name of the setting says."""
UpToAnHour = Annotated[float, Field(gt=0, le=3600)]
"""Seconds."""
UpToADay = Annotated[float, Field(gt=0, le=86_400)]
"""Seconds."""

MIN_SECRET_LENGTH = 16
THIRTEEN_MONTHS = 397.0
"""Days."""
Days = Annotated[float, Field(ge=30, le=3660)]


class ProcessSettings(RateSettings):
    """Of a process with the database of a service and without Kafka, and the base of ``ServiceSettings``.

    A program adds its own settings, or makes one of these required by declaring it without a default.

    Each has a name that ends with its unit, an annotated type with its limits, a default, and a docstring
    unless the name says it all. The type of a secret has ``Field(repr=False)``, so that no text of the
    settings shows it.
    """

    model_config = CONFIG

    env: Env = "local"
    host: str = "127.0.0.1"
    port: Port
    database_url: DatabaseUrl
    database_password: Password = ""
    """Optional: a password in place of the one in the URL."""
    supervisor_pid: Annotated[int, Field(ge=1)] | None = None
    """A process with whose end this one ends, too."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_file: str = ""
    """The file that standard error goes to, to be rotated by this process; empty: it is not rotated."""
    log_megabytes: Annotated[float, Field(gt=0, le=10_000)] = 100.0
    """Size from which a log file is replaced by a new one."""
    log_files: Annotated[int, Field(ge=0, le=100)] = 5
    """How many replaced log files are kept."""
    instance: Instance = "feira"
    """The name of this replica, which its successor takes over."""
    reuse_port: bool = False
    """Whether several replicas listen on the port."""
    admin_host: str = "127.0.0.1"
    admin_port: Port | None = None
    """A port of this replica alone, which serves probes and metrics. The other one then has no metrics."""
    drain_seconds: Annotated[float, Field(ge=0, le=600)] = 0.0
    """How long the process accepts requests after SIGTERM while it is not ready any more: longer than load
    balancers take to notice."""
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

    answer_days: Annotated[float, Field(ge=1, le=3660)] = 2.0
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
        return timedelta(days=self.answer_days)

    @property
    def keep_commands(self) -> timedelta:
        return timedelta(days=self.command_days)

    @property
    def clock_addresses(self) -> dict[str, str]:
        """Service -> URL, in the order of ``clock_urls``."""
        parts = (it.partition("=") for it in filter(None, self.clock_urls.split(",")))
        return {name: _web(url) for name, _, url in parts}

    @model_validator(mode="before")
    @classmethod
    def _with_password(cls, values: Any) -> Any:
        return with_password(values, "database_url", "database_password")

    @model_validator(mode="after")
    def _check_production(self) -> Self:
        if self.env == "production":
            check_production(self.database_url, "database_url")
        if self.env == "production" and self.failpoints:
            raise ValueError(f"{PREFIX}FAILPOINTS must not be set in production")
        if self.env == "production" and (self.clock_urls or self.clock_secret):
            raise ValueError(f"{PREFIX}CLOCK_URLS and {PREFIX}CLOCK_SECRET must not be set in production")
        if self.clock_urls and len(self.clock_secret) < MIN_SECRET_LENGTH:
            raise ValueError(f"{PREFIX}CLOCK_SECRET needs {MIN_SECRET_LENGTH} characters or more")
        return self


class ServiceSettings(KafkaSettings, ProcessSettings):
    """Of a service, which reads from Kafka or publishes to it."""

    @model_validator(mode="after")
    def _check_encryption(self) -> Self:
        if self.env == "production" and not self.kafka.is_encrypted:
            raise ValueError(f"{PREFIX}KAFKA_SECURITY must be ssl or sasl_ssl in production")
        return self


class MigrationSettings(BaseSettings):
    """Settings of a migration, which runs as the role that owns the database."""

    model_config = CONFIG

    env: Env = "local"
    migration_url: DatabaseUrl
    migration_password: Password = ""
    """Optional: a password in place of the one in the URL."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    instance: Instance = "migrate"

    @model_validator(mode="before")
    @classmethod
    def _with_password(cls, values: Any) -> Any:
        return with_password(values, "migration_url", "migration_password")

    @model_validator(mode="after")
    def _check_production(self) -> Self:
        if self.env == "production":
            check_production(self.migration_url, "migration_url")
        return self
