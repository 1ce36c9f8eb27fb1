"""Addresses of the services: of the stack in FEIRA_HOME, or those in the file FEIRA_ADDRESSES."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.errors import StackError
from cli.home import home_of, read_state
from cli.process_identity import is_alive
from contracts.topology import SERVICE_NAMES

ADDRESSES = "FEIRA_ADDRESSES"
"""For a machine on which no stack runs: a JSON file with ``urls``, ``databases`` and ``kafka`` in the form of
`feira status --json --show-secrets`."""
BY_SERVICE = ("urls", "databases")


@dataclass(frozen=True)
class Addresses:
    """URLs by service, and the brokers' ``host:port``. The databases' URLs are those of a role that may read
    and write all tables. What a command does not need may be empty."""

    urls: Mapping[str, str]
    databases: Mapping[str, str]
    postgres: str
    kafka: str


def running(environment: Mapping[str, str] = os.environ, *, needed: Sequence[str] = ("urls",)) -> Addresses:
    """``needed``: the fields that the command uses. Raises ``StackError`` if no stack runs in FEIRA_HOME, or
    the file lacks something that is needed."""
    if path := environment.get(ADDRESSES):
        return _from_file(Path(path), needed)
    home = home_of(environment)
    state = read_state(home)
    if not state or not is_alive(state["supervisor"]):
        raise StackError(f"No stack is up in {home}; start one with `feira up`.")
    if state["state"] == "starting":
        raise StackError(f"The stack in {home} is still starting; see `feira status`.")
    return Addresses(state["urls"], state["databases"], state["postgres"], state["kafka"])


def databases() -> Mapping[str, str]:
    """The databases' URLs by service. Raises ``StackError``."""
    return running(needed=["databases"]).databases


def kafka() -> str:
    """The brokers' ``host:port``. Raises ``StackError``."""
    return running(needed=["kafka"]).kafka


def _from_file(path: Path, needed: Sequence[str]) -> Addresses:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or "it is not JSON"
        raise StackError(f"{ADDRESSES} {path} cannot be read: {why}.") from None
    fields = found if isinstance(found, dict) else {}
    read = Addresses(
        urls=_by_service(fields.get("urls")),
        databases=_by_service(fields.get("databases")),
        postgres=str(fields.get("postgres") or ""),
        kafka=str(fields.get("kafka") or ""),
    )
    for field in needed:
        addresses = getattr(read, field)
        missing = [it for it in SERVICE_NAMES if it not in addresses] if field in BY_SERVICE else []
        if missing or not addresses:
            of = f" of {', '.join(missing)}" if missing else ""
            raise StackError(f"{ADDRESSES} {path} does not have {field}{of}.")
    return read


def _by_service(value: object) -> dict[str, str]:
    return {str(name): str(it) for name, it in value.items() if it} if isinstance(value, dict) else {}
