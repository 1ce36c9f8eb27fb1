"""Where a command finds the services, databases and brokers. ``find`` has the one rule of precedence."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from cli import contexts
from cli.chosen_context import name_of_chosen_context
from cli.errors import StackError
from cli.home import home_of, read_state
from cli.named_in_environment import is_any_named, read_named
from cli.process_identity import is_alive
from contracts.topology import SERVICE_NAMES

ADDRESSES = "FEIRA_ADDRESSES"
"""A JSON file with ``urls``, ``databases`` and ``kafka``, in the form of `feira status --json
--show-secrets`."""
CONTEXT = "FEIRA_CONTEXT"
KEY = "FEIRA_KEY"
HOME = "FEIRA_HOME"
DEMO_KEY = "demo-ops"
BY_SERVICE = ("urls", "databases")
JOBS_PAGE = "docs/how-to/operate-a-remote-feira.md"

Source: TypeAlias = Literal["context", "file", "environment", "stack"]


@dataclass(frozen=True)
class Addresses:
    """URLs by service, and the brokers' ``host:port``. The databases' URLs are those of a role that may read
    and write all tables. What a command does not need may be empty.

    ``key``: the API key for commands that are given none; empty if there is none. ``ca_file``: certificates
    to trust instead of the system's, or empty. ``context``: the name of the context, or empty.
    """

    urls: Mapping[str, str]
    databases: Mapping[str, str]
    postgres: str
    kafka: str
    key: str = field(default=DEMO_KEY, repr=False)
    ca_file: str = ""
    context: str = ""


def running(environment: Mapping[str, str] = os.environ, *, needed: Sequence[str] = ("urls",)) -> Addresses:
    """What the command line names comes first, then what the environment names, then what is stored:
    `--context`, FEIRA_CONTEXT, FEIRA_ADDRESSES, the variables of single services, FEIRA_HOME, the context in
    use, the stack of this project.

    ``needed``: the fields that the command uses. Raises ``StackError`` if no stack runs in FEIRA_HOME, or
    something that is needed is not given.
    """
    match _source(environment):
        case "context", name:
            return _from_context(environment, name, needed)
        case "file", path:
            return _from_file(Path(path), needed)
        case "environment", _:
            return _from_environment(environment, needed)
        case _:
            return of_stack(environment)


def is_stack(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether commands use a stack on this machine. Raises ``StackError``."""
    return _source(environment)[0] == "stack"


def _source(environment: Mapping[str, str]) -> tuple[Source, str]:
    """The rule of precedence: the kind of source, and its name."""
    if name := name_of_chosen_context() or environment.get(CONTEXT):
        return ("stack", "") if name == contexts.LOCAL else ("context", name)
    if path := environment.get(ADDRESSES):
        return "file", path
    if is_any_named(environment):
        return "environment", ""
    if not environment.get(HOME) and (current := contexts.read(contexts.file_of(environment)).current):
        return "context", current
    return "stack", ""


def key_for(at: Addresses, given: str | None) -> str:
    """The key that a command was given, or else the one that is stored. Raises ``StackError`` without any."""
    if key := given or at.key:
        return key
    raise StackError(f"There is no API key: set {KEY}, or store one with `feira context add`.")


def databases() -> Mapping[str, str]:
    """The databases' URLs by service. Raises ``StackError``."""
    return running(needed=["databases"]).databases


def kafka() -> str:
    """The brokers' ``host:port``. Raises ``StackError``."""
    return running(needed=["kafka"]).kafka


def of_stack(environment: Mapping[str, str]) -> Addresses:
    """Those of the stack in FEIRA_HOME, whatever else is named. Raises ``StackError``."""
    home = home_of(environment)
    state = read_state(home)
    if not state or not is_alive(state["supervisor"]):
        raise StackError(f"No stack is up in {home}; start one with `feira up`.")
    if state["state"] == "starting":
        raise StackError(f"The stack in {home} is still starting; see `feira status`.")
    return Addresses(state["urls"], state["databases"], state["postgres"], state["kafka"])


def _from_context(environment: Mapping[str, str], name: str, needed: Sequence[str]) -> Addresses:
    context = contexts.read(contexts.file_of(environment)).get(name)
    if beyond := [it for it in needed if it != "urls"]:
        raise StackError(
            f"This command needs {' and '.join(beyond)}, which a context does not have: "
            f"run it as a Job where they are, see {JOBS_PAGE}."
        )
    return Addresses(context.base_urls(), {}, "", "", context.key, context.ca_file, context.name)


def _from_environment(environment: Mapping[str, str], needed: Sequence[str]) -> Addresses:
    named = read_named(environment)
    found = Addresses(named.urls, named.databases, "", named.kafka, named.key)
    return _complete("The environment", found, needed)


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
    return _complete(f"{ADDRESSES} {path}", read, needed)


def _complete(source: str, found: Addresses, needed: Sequence[str]) -> Addresses:
    for field_name in needed:
        addresses = getattr(found, field_name)
        missing = [it for it in SERVICE_NAMES if it not in addresses] if field_name in BY_SERVICE else []
        if missing or not addresses:
            of = f" of {', '.join(missing)}" if missing else ""
            raise StackError(f"{source} does not have {field_name}{of}.")
    return found


def _by_service(value: object) -> dict[str, str]:
    return {str(name): str(it) for name, it in value.items() if it} if isinstance(value, dict) else {}
