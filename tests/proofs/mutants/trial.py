"""Try a mutant, or the unchanged tree, on catchers: each in a copy of the tree and a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import orjson

from tests.proofs.mutants.findings import Findings, Violation
from tests.proofs.mutants.mutant import Catcher, DoesNotApply, Mutant
from tests.proofs.mutants.tree_copy import TreeCopy, tree_copy

MAX_SECONDS = 900.0
"""For one catcher."""
STOP_TIMEOUT = 40.0
"""Seconds from SIGINT to SIGKILL."""
CHILDREN: set[subprocess.Popen[str]] = set()
"""The catchers that are running."""


class NoVerdict(Exception):
    """The catcher itself has failed, which says nothing about the mutant."""


@dataclass(frozen=True)
class Trial:
    what: str
    by: str = ""
    violation: Violation | None = None
    effort: str = ""
    seconds: float = 0.0
    trouble: str = ""
    """Why the mutant is not caught, or what a catcher has reported of the unchanged tree."""
    is_control: bool = False

    @property
    def is_caught(self) -> bool:
        return self.violation is not None

    @property
    def is_right(self) -> bool:
        """A mutant is caught, and the unchanged tree is not."""
        return not self.trouble if self.is_control else self.is_caught


def run_catcher(copy: TreeCopy, catcher: Catcher) -> Findings:
    """Raises ``NoVerdict`` if the catcher failed or did not end, or if other code than the copy's has run."""
    command = (sys.executable, "-m", "tests.proofs.mutants.catcher_process", catcher.name, *catcher.rules)
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
        out, errors = child.communicate(timeout=MAX_SECONDS)
    except subprocess.TimeoutExpired as late:
        raise NoVerdict(f"{catcher.name} did not end within {MAX_SECONDS:.0f} s") from late
    finally:
        _end(child)
        CHILDREN.discard(child)
    if child.returncode != 0:
        raise NoVerdict(f"{catcher.name} failed: {errors.strip()[-500:]}")
    report = orjson.loads(out.splitlines()[-1])
    if foreign := [path for path in report["code"] if not path.startswith(f"{copy.root}/")]:
        raise NoVerdict(f"{catcher.name} has run {foreign[0]}, not the copy")
    found = report["findings"]
    return Findings(found["effort"], [Violation(**violation) for violation in found["violations"]])


def _end(child: subprocess.Popen[str]) -> None:
    """With all processes of its session: by SIGINT, then by SIGKILL."""
    if child.poll() is not None:
        return
    os.killpg(child.pid, signal.SIGINT)
    try:
        child.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def end_all() -> None:
    """When a run is interrupted: catchers have sessions of their own, and would go on."""
    for child in list(CHILDREN):
        _end(child)


def try_mutant(mutant: Mutant, names: set[str]) -> Trial:
    """The first of its catchers of these names that finds it ends the trial."""
    began = time.monotonic()
    troubles = []
    try:
        with tree_copy() as copy:
            copy.apply(mutant)
            for catcher in (it for it in mutant.catchers if it.name in names):
                found = run_catcher(copy, catcher)
                hits = [it for it in found.violations if it.rule in catcher.rules]
                seconds = time.monotonic() - began
                if hits:
                    return Trial(mutant.name, catcher.name, hits[0], found.effort, seconds)
                others = ", ".join(sorted({it.rule for it in found.violations})) or "nothing"
                troubles.append(f"{catcher.name}, {found.effort}: {others}")
    except (DoesNotApply, NoVerdict) as trouble:
        troubles.append(str(trouble))
    return Trial(mutant.name, seconds=time.monotonic() - began, trouble="; ".join(troubles))


def try_unchanged(name: str) -> Trial:
    """The control: a catcher that reports the unchanged tree would report any mutant."""
    began = time.monotonic()
    what = f"(none, for {name})"
    try:
        with tree_copy() as copy:
            found = run_catcher(copy, Catcher(name, ()))
    except NoVerdict as trouble:
        return Trial(what, seconds=time.monotonic() - began, trouble=str(trouble), is_control=True)
    seconds = time.monotonic() - began
    reported = "; ".join(f"{it.rule}: {it.what[:200]}" for it in found.violations)
    return Trial(what, effort=found.effort, seconds=seconds, trouble=reported, is_control=True)
