"""Places where a test may let this process die, hang or fail; they do nothing unless told so at its start.

The rules stand in ``FEIRA_FAILPOINTS`` itself, or in a file that it names as ``@FILE``: that one is looked at
again at every place, so that rules can change while everything runs, and what they have done is counted in
``FILE.fired`` for all processes together: whoever died of a rule does not die of it again.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
from collections import Counter
from pathlib import Path
from typing import Protocol

import structlog

from kernel.faults.registry import Action
from kernel.faults.rule_file import FiledRules
from kernel.faults.rules import Rule, parsed

LOG = structlog.get_logger()
FILE = "@"


class Failed(Exception):
    """A defect that nobody foresaw."""


class Rules(Protocol):
    def now(self) -> tuple[Rule, ...]: ...

    def claim(self, rule: Rule, hit: int) -> bool:
        """Whether the rule has not been used up; it is used once more then."""


class OwnRules:
    """Those of this process alone, which last as long as it."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self._rules = rules
        self._used: Counter[Rule] = Counter()

    def now(self) -> tuple[Rule, ...]:
        return self._rules

    def claim(self, rule: Rule, hit: int) -> bool:  # noqa: ARG002  # kept by those who outlive the process
        self._used[rule] += 1
        return rule.chance is not None or self._used[rule] <= rule.times


class Failpoints:
    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._chances: dict[Rule, random.Random] = {}
        self._hits: Counter[Rule] = Counter()
        self.reached: Counter[str] = Counter()
        self.fired = 0

    async def hit(self, place: str, kind: str) -> bool:
        before = self.fired
        self.reached[place] += 1
        if self.reached[place] == 1:
            LOG.info("failpoint_reached", place=place)
        for rule in self._rules.now():
            if rule.fits(place, kind):
                self._hits[rule] += 1
                if self._is_due(rule) and self._rules.claim(rule, self._hits[rule]):
                    hit = self._hits[rule]
                    self.fired += 1
                    LOG.warning("failpoint", place=place, kind=kind, action=rule.action.value, hit=hit)
                    await _do(rule)
        return self.fired > before

    def _is_due(self, rule: Rule) -> bool:
        if rule.chance is None:
            return self._hits[rule] >= rule.first
        chance = self._chances.setdefault(rule, random.Random(f"{rule.seed}/{rule.text}"))  # noqa: S311  # a test's
        return chance.random() < rule.chance


active: Failpoints | None = None
"""To be looked at before ``hit`` is called: so a place costs next to nothing while all of this is off."""


def rules_of(told: str) -> Rules | None:
    """Raises ``ValueError`` with what is wrong; None where nothing is wanted."""
    if told.startswith(FILE):
        return FiledRules(Path(told.removeprefix(FILE)))
    rules = parsed(told)
    return OwnRules(rules) if rules else None


def enable(told: str) -> None:
    global active  # noqa: PLW0603  # one for the process, as the places are
    rules = rules_of(told)
    active = Failpoints(rules) if rules else None
    if active:
        LOG.warning("failpoints_enabled", rules=told)


async def hit(place: str, kind: str = "") -> bool:
    """Whether anything was done."""
    return active is not None and await active.hit(place, kind)


async def _do(rule: Rule) -> None:
    match rule.action:
        case Action.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        case Action.STOP:
            _stop(rule.seconds)
        case Action.RAISE:
            raise Failed(f"as wanted at {rule.place}")
        case Action.DELAY:
            await asyncio.sleep(rule.seconds)
        case Action.EXEC_THEN_TIMEOUT:
            raise TimeoutError(f"as wanted at {rule.place}: it was done, and nobody said so")


def _stop(seconds: float) -> None:
    """Nobody who is stopped can wake up by himself."""
    waking = f"sleep {seconds}; kill -CONT {os.getpid()}"
    subprocess.Popen(("/bin/sh", "-c", waking), start_new_session=True)  # noqa: S603  # numbers of ours
    os.kill(os.getpid(), signal.SIGSTOP)
