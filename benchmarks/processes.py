"""CPU time of a running stack's processes, by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import psutil

from tests.support.stack import RunningStack


def cpu_seconds(stack: RunningStack) -> Mapping[str, float]:
    """CPU seconds of each process with its children; the supervisor counts without them."""
    found: defaultdict[str, float] = defaultdict(float)
    for name, pid in _pids(stack):
        found[name] += seconds_of(psutil.Process(pid), with_children=name != "supervisor")
    return dict(found)


def spent_since(before: Mapping[str, float], stack: RunningStack) -> Mapping[str, float]:
    return {name: seconds - before[name] for name, seconds in cpu_seconds(stack).items()}


def _pids(stack: RunningStack) -> Iterator[tuple[str, int]]:
    yield "supervisor", stack.supervisor.pid
    for it in stack.status()["processes"]:
        yield it["name"].rpartition("-")[0] if it["name"][-1].isdigit() else it["name"], it["pid"]


def seconds_of(process: psutil.Process, *, with_children: bool) -> float:
    try:
        spent, children = process.cpu_times(), process.children()
    except psutil.NoSuchProcess:
        return 0.0  # ended just now: its time is in its parent's
    whole = spent.user + spent.system
    if with_children:
        whole += spent.children_user + spent.children_system
        whole += sum(seconds_of(it, with_children=True) for it in children)
    return whole
