"""Status of the stack on this machine: its processes as they are now, and its addresses."""

import os
from collections.abc import Mapping
from typing import Any

import psutil

from cli.home import home_of, read_state
from cli.process_identity import is_alive
from devstack.databases import without_password


def read_status(environment: Mapping[str, str] = os.environ, *, show_secrets: bool = False) -> dict[str, Any]:
    """Status of the stack in FEIRA_HOME. Each process is checked here, so a dead one is reported at once.

    Passwords are left out; with ``show_secrets`` the superuser URLs of PostgreSQL and all databases are
    included.
    """
    state = read_state(home_of(environment))
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


def superuser_urls(environment: Mapping[str, str] = os.environ) -> Mapping[str, str]:
    """Superuser URLs of the databases by service; empty if no stack runs."""
    state = read_state(home_of(environment))
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
