"""The commands that containers of Feira's image run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperGroup

from cli.main import new_app
from contracts.topology import STACK, WORKERS
from tests.deploy.overlays import Document
from tests.deploy.resources import containers, name_of, of_kind, title, workloads

MODULES = frozenset(it.module for it in (*STACK, *WORKERS))


def exist(documents: list[Document]) -> Iterator[str]:
    """Each is a program of the image, with subcommands and options that it has."""
    for workload in workloads(documents):
        for container in containers(workload):
            words = [*container.get("command", []), *container.get("args", [])]
            if words[:2] == ["python", "-m"]:
                if words[2] not in MODULES or words[3:] not in ([], ["migrate"]):
                    yield f"{title(workload)} runs {' '.join(words)}, which is no program"
            elif words[:1] == ["feira"]:
                yield from (f"{title(workload)} runs {' '.join(words)}: {it}" for it in _unknown(words[1:]))


def _unknown(words: list[str]) -> Iterator[str]:
    command: Any = typer.main.get_command(new_app())
    while isinstance(command, TyperGroup):
        if not words or words[0] not in command.commands:
            yield f"there is no command {' '.join(words)}"
            return
        command, words = command.commands[words[0]], words[1:]
    known = {name for it in command.params for name in it.opts}
    given = {it.partition("=")[0] for it in words}
    yield from (f"there is no {it}" for it in sorted(given - known))
    yield from (f"{it.opts[0]} is missing" for it in command.params if it.required and not given & {*it.opts})


def of_a_tenant(documents: list[Document]) -> Iterator[str]:
    """The first key is of one tenant, and of the demo's only where payments are simulated."""
    simulated = "gateway" in {name_of(it) for it in of_kind(documents, "Deployment")}
    for workload in of_kind(documents, "Job"):
        for container in containers(workload):
            if container.get("command") == ["feira", "keys", "create"]:
                tenants = [it for it in container["args"] if it.startswith("--tenant=")]
                if len(tenants) != 1 or (tenants == ["--tenant=demo"] and not simulated):
                    yield f"{title(workload)} makes a key of {tenants or 'no tenant'}"


CHECKS = (exist, of_a_tenant)
