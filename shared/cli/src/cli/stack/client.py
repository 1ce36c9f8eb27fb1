"""Addresses and status of the running stack, read from the state file in FEIRA_HOME."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psutil

from cli.stack.databases import without_password
from cli.stack.errors import StackError
from cli.stack.process_identity import is_alive
from cli.stack.settings import home_of
from cli.stack.state_dir import StateDir


@dataclass(frozen=True)
class Addresses:
    """Addresses of a running stack. The database URLs are those of the superuser."""

    urls: Mapping[str, str]
    databases: Mapping[str, str]
    postgres: str
    kafka: str


def running(environment: Mapping[str, str] = os.environ) -> Addresses:
    """The addresses of the stack in FEIRA_HOME. Raises ``StackError`` if no stack runs there."""
    home = StateDir(home_of(environment))
    state = home.read_state()
    if not state or not is_alive(state["supervisor"]):
        raise StackError(f"No stack is up in {home.path}; start one with `feira up`.")
    if state["state"] == "starting":
        raise StackError(f"The stack in {home.path} is still starting; see `feira status`.")
    return Addresses(state["urls"], state["databases"], state["postgres"], state["kafka"])


def status(environment: Mapping[str, str] = os.environ, *, show_secrets: bool = False) -> dict[str, Any]:
    """Status of the stack in FEIRA_HOME. Each process is checked here, so a dead one is reported at once.

    Passwords are left out; with ``show_secrets`` the superuser URLs of PostgreSQL and all databases are
    included.
    """
    state = StateDir(home_of(environment)).read_state()
    if not state or not is_alive(state["supervisor"]):
        return {"state": "down", "processes": [], "urls": {}, "kafka": None, "postgres": None}
    processes = [_process_status(it) for it in state["processes"]]
    whole = state["state"]
    if whole == "ready" and any(it["state"] != "ready" for it in processes):
        whole = "degraded"
    found = {"state": whole, "processes": processes, "urls": state["urls"], "kafka": state["kafka"]}
    if show_secrets:
        return {**found, "postgres": state["postgres"], "databases": state["databases"]}
    return {**found, "postgres": state["postgres"] and without_password(state["postgres"])}


def databases(environment: Mapping[str, str] = os.environ) -> Mapping[str, str]:
    """Superuser URLs of the databases by service; empty if no stack runs."""
    state = StateDir(home_of(environment)).read_state()
    alive = state is not None and is_alive(state["supervisor"])
    found: Mapping[str, str] = state["databases"] if state and alive else {}
    return found


def _process_status(process: Mapping[str, Any]) -> dict[str, Any]:
    alive = is_alive(process)
    state = process["state"] if alive or process["state"] != "ready" else "dead"
    shown = {name: process[name] for name in ("name", "pid", "url")}
    return {
        **shown,
        "state": state,
        "restarts": process["restarts"],
        "rss_bytes": _rss(process) if alive else 0,
    }


def _rss(process: Mapping[str, Any]) -> int:
    try:
        return int(psutil.Process(process["pid"]).memory_info().rss)
    except psutil.Error:
        return 0
