"""Try a bug, or no bug, on its catchers: each in a copy and a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import orjson

from tests.proofs.planted.bug import Bug, Catcher
from tests.proofs.planted.copies import Copy, DoesNotApply, copied
from tests.proofs.planted.found import Broken, Found

LONGEST = 900.0
"""Seconds for one catcher."""
STOPPED_WITHIN = 40.0
CHILDREN: set[subprocess.Popen[str]] = set()
"""Those that are looking."""


class NoVerdict(Exception):
    """The catcher itself has failed, which says nothing about the bug."""


@dataclass(frozen=True)
class Trial:
    what: str
    by: str = ""
    broken: Broken | None = None
    effort: str = ""
    seconds: float = 0.0
    trouble: str = ""
    """Why it is not caught, or what is said of a tree without a bug."""
    is_control: bool = False

    @property
    def is_caught(self) -> bool:
        return self.broken is not None

    @property
    def is_right(self) -> bool:
        """A bug is caught, and what is none is not."""
        return not self.trouble if self.is_control else self.is_caught


def look(copy: Copy, catcher: Catcher) -> Found:
    """Raises ``NoVerdict`` where the catcher came to no end, or it was not the copy that has run."""
    command = (sys.executable, "-m", "tests.proofs.planted.inside", catcher.name, *catcher.rules)
    child = subprocess.Popen(
        command,
        cwd=copy.root,
        env=copy.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    CHILDREN.add(child)
    try:
        out, complaint = child.communicate(timeout=LONGEST)
    except subprocess.TimeoutExpired as late:
        raise NoVerdict(f"{catcher.name} did not end within {LONGEST:.0f} s") from late
    finally:
        _end(child)
        CHILDREN.discard(child)
    if child.returncode != 0:
        raise NoVerdict(f"{catcher.name} failed: {complaint.strip()[-500:]}")
    report = orjson.loads(out.splitlines()[-1])
    if strange := [it for it in report["code"] if not it.startswith(f"{copy.root}/")]:
        raise NoVerdict(f"{catcher.name} has looked at {strange[0]}, not at the copy")
    found = report["found"]
    return Found(found["effort"], [Broken(**it) for it in found["broken"]])


def _end(child: subprocess.Popen[str]) -> None:
    """With all that it has started: as by Ctrl-C, and if that does not do, at once."""
    if child.poll() is not None:
        return
    os.killpg(child.pid, signal.SIGINT)
    try:
        child.wait(STOPPED_WITHIN)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def end_all() -> None:
    """For a run that is given up: what looks for bugs has sessions of its own, and would go on."""
    for child in list(CHILDREN):
        _end(child)


def catch(bug: Bug, names: set[str]) -> Trial:
    """By the first of its catchers of these names that finds it."""
    began = time.monotonic()
    troubles = []
    try:
        with copied() as copy:
            copy.plant(bug.patch)
            for catcher in (it for it in bug.catchers if it.name in names):
                found = look(copy, catcher)
                hits = [it for it in found.broken if it.rule in catcher.rules]
                seconds = time.monotonic() - began
                if hits:
                    return Trial(bug.name, catcher.name, hits[0], found.effort, seconds)
                others = ", ".join(sorted({it.rule for it in found.broken})) or "nothing"
                troubles.append(f"{catcher.name}, {found.effort}: {others}")
    except (DoesNotApply, NoVerdict) as trouble:
        troubles.append(str(trouble))
    return Trial(bug.name, seconds=time.monotonic() - began, trouble="; ".join(troubles))


def control(name: str) -> Trial:
    """The tree as it is: whoever reports it would have caught anything."""
    began = time.monotonic()
    what = f"(none, for {name})"
    try:
        with copied() as copy:
            found = look(copy, Catcher(name, ()))
    except NoVerdict as trouble:
        return Trial(what, seconds=time.monotonic() - began, trouble=str(trouble), is_control=True)
    seconds = time.monotonic() - began
    told = "; ".join(f"{it.rule}: {it.what[:200]}" for it in found.broken)
    return Trial(what, effort=found.effort, seconds=seconds, trouble=told, is_control=True)
