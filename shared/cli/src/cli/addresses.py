"""Addresses of the running stack, read from the state file in FEIRA_HOME."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from cli.errors import StackError
from cli.home import home_of, read_state
from cli.process_identity import is_alive


@dataclass(frozen=True)
class Addresses:
    """Addresses of a running stack. The database URLs are those of the superuser."""

    urls: Mapping[str, str]
    databases: Mapping[str, str]
    postgres: str
    kafka: str


def running(environment: Mapping[str, str] = os.environ) -> Addresses:
    """The addresses of the stack in FEIRA_HOME. Raises ``StackError`` if no stack runs there."""
    home = home_of(environment)
    state = read_state(home)
    if not state or not is_alive(state["supervisor"]):
        raise StackError(f"No stack is up in {home}; start one with `feira up`.")
    if state["state"] == "starting":
        raise StackError(f"The stack in {home} is still starting; see `feira status`.")
    return Addresses(state["urls"], state["databases"], state["postgres"], state["kafka"])
