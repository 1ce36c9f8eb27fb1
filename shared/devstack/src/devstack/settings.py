"""Settings of the stack, read once from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cli.errors import StackError
from cli.home import home_of
from cli.secret_files import MASTER_KEY, with_secret_files
from contracts import topology

MAX_REPLICAS = 6
STAGES = ("local", "test", "production")
SELF_HOSTED = ("embedded", "docker")
PLAINTEXT = "plaintext"


@dataclass(frozen=True)
class Settings:
    home: Path
    kafka: str
    postgres: str
    replicas: Mapping[str, int]
    stage: str
    environment: Mapping[str, str]
    simulated_providers: tuple[str, ...] = ()

    @property
    def runs_kafka(self) -> bool:
        return self.kafka in SELF_HOSTED

    @property
    def runs_postgres(self) -> bool:
        return self.postgres in SELF_HOSTED

    @property
    def wal_archive(self) -> Path | None:
        """The folder to which the embedded PostgreSQL copies its WAL; None: it keeps only what it needs."""
        folder = self.environment.get("FEIRA_WAL_ARCHIVE")
        return Path(folder).expanduser().resolve() if folder else None

    @property
    def gateway_url(self) -> str | None:
        """URL of an external gateway, or None for the stack's simulated one."""
        return self.environment.get("FEIRA_GATEWAY_URL") or None


def read(replicable: tuple[str, ...], environment: Mapping[str, str] = os.environ) -> Settings:
    environment = with_secret_files(environment)
    stage = environment.get("FEIRA_ENV", "local")
    if stage not in STAGES:
        raise StackError(f"FEIRA_ENV is local, test or production, not {stage!r}.")
    settings = Settings(
        home=home_of(environment),
        kafka=_kafka(environment.get("FEIRA_KAFKA", "embedded")),
        postgres=_postgres(environment.get("FEIRA_POSTGRES", "embedded")),
        replicas=_replicas(environment.get("FEIRA_REPLICAS", ""), replicable),
        stage=stage,
        environment=environment,
        simulated_providers=_providers(environment.get("FEIRA_SIMULATED_PROVIDERS", "")),
    )
    if settings.runs_kafka and environment.get("FEIRA_KAFKA_SECURITY", PLAINTEXT) != PLAINTEXT:
        raise StackError("FEIRA_KAFKA_SECURITY is for a broker elsewhere: set FEIRA_KAFKA to its host:port.")
    if stage == "production":
        _check_production(settings)
    return settings


def _kafka(text: str) -> str:
    host, _, port = text.rpartition(":")
    if text not in SELF_HOSTED and not (host and port.isdecimal()):
        raise StackError(f"FEIRA_KAFKA is embedded, docker or host:port, not {text!r}.")
    return text


def _postgres(text: str) -> str:
    if text not in SELF_HOSTED and not _is_postgres_url(text):
        # not repeated: the text may contain a password
        raise StackError("FEIRA_POSTGRES is embedded, docker or a URL postgresql://user:password@host:port.")
    return text


def _is_postgres_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in {"postgresql", "postgres"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _replicas(text: str, replicable: tuple[str, ...]) -> dict[str, int]:
    counts = dict.fromkeys(replicable, 1)
    for part in filter(None, (it.strip() for it in text.split(","))):
        name, _, count = part.partition("=")
        if name not in counts:
            raise StackError(f"FEIRA_REPLICAS names {name!r}; it may name {', '.join(replicable)}.")
        if not count.isdecimal() or not 1 <= int(count) <= MAX_REPLICAS:
            raise StackError(
                f"FEIRA_REPLICAS gives {name} {count!r} replicas; it may be 1 to {MAX_REPLICAS}."
            )
        counts[name] = int(count)
    return counts


def _providers(text: str) -> tuple[str, ...]:
    known = [name for name, _ in topology.SIMULATED_PROVIDERS]
    names = [it for it in (part.strip() for part in text.split(",")) if it]
    for name in names:
        if name not in known:
            raise StackError(f"FEIRA_SIMULATED_PROVIDERS names {name!r}; it may name {', '.join(known)}.")
    return tuple(dict.fromkeys(names))


def _check_production(settings: Settings) -> None:
    if settings.simulated_providers:
        raise StackError("FEIRA_ENV=production simulates no payments: unset FEIRA_SIMULATED_PROVIDERS.")
    if settings.runs_kafka or settings.runs_postgres:
        raise StackError(
            "FEIRA_ENV=production runs neither Kafka nor PostgreSQL: "
            "set FEIRA_KAFKA to host:port and FEIRA_POSTGRES to a URL."
        )
    if parse_qs(urlsplit(settings.postgres).query).get("sslmode") != ["verify-full"]:
        raise StackError("FEIRA_ENV=production needs sslmode=verify-full in FEIRA_POSTGRES.")
    if settings.environment.get("FEIRA_KAFKA_SECURITY", PLAINTEXT) == PLAINTEXT:
        raise StackError("FEIRA_ENV=production needs FEIRA_KAFKA_SECURITY=ssl or sasl_ssl.")
    if not settings.environment.get(MASTER_KEY):
        raise StackError("FEIRA_ENV=production needs FEIRA_MASTER_KEY, the key that protects personal data.")
    if not settings.environment.get("FEIRA_LINK_KEY"):
        raise StackError("FEIRA_ENV=production needs FEIRA_LINK_KEY, the key that signs the links in mails.")
    if not (settings.gateway_url and settings.environment.get("FEIRA_GATEWAY_SECRET")):
        raise StackError(
            "FEIRA_ENV=production simulates no payments: "
            "set FEIRA_GATEWAY_URL and FEIRA_GATEWAY_SECRET to those of a gateway."
        )
    if urlsplit(settings.gateway_url).scheme != "https":
        raise StackError("FEIRA_ENV=production needs an https:// URL in FEIRA_GATEWAY_URL.")
