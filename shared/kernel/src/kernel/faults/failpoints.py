"""Failpoints: places where a test may make this process die, stop, fail or wait. Off unless enabled at its
start.

``FEIRA_FAILPOINTS`` holds the rules, or names a file with them as ``@FILE``. The file is checked at every
hit, so that rules can change at run time, and ``FILE.fired`` counts the uses of each rule over all processes:
a process that a rule has killed is not killed by it again after its restart.
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

from kernel.faults.failpoint import Action
from kernel.faults.rule_file import RuleFile
from kernel.faults.rules import Rule, parse_rules

LOG = structlog.get_logger()
FILE_PREFIX = "@"


class InjectedFailure(Exception):
    """Stands for an unexpected defect."""


class Rules(Protocol):
    def current(self) -> tuple[Rule, ...]: ...

    def try_use(self, rule: Rule, hit: int) -> bool:
        """Whether the rule may still act; counts a use then."""


class ProcessRules:
    """Rules and counts of this process alone."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self._rules = rules
        self._used: Counter[Rule] = Counter()

    def current(self) -> tuple[Rule, ...]:
        return self._rules

    def try_use(self, rule: Rule, hit: int) -> bool:  # noqa: ARG002  # only a file records the hit
        self._used[rule] += 1
        return rule.chance is not None or self._used[rule] <= rule.times


class Failpoints:
    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._chances: dict[Rule, random.Random] = {}
        self._hits: Counter[Rule] = Counter()
        self.reached: Counter[str] = Counter()
        self.fired = 0

    async def hit(self, name: str, kind: str) -> bool:
        before = self.fired
        self.reached[name] += 1
        if self.reached[name] == 1:
            LOG.info("failpoint_reached", place=name)
        for rule in self._rules.current():
            if rule.matches(name, kind):
                self._hits[rule] += 1
                if self._is_due(rule) and self._rules.try_use(rule, self._hits[rule]):
                    hit = self._hits[rule]
                    self.fired += 1
                    LOG.warning("failpoint", place=name, kind=kind, action=rule.action.value, hit=hit)
                    await _act(rule)
        return self.fired > before

    def _is_due(self, rule: Rule) -> bool:
        if rule.chance is None:
            return self._hits[rule] >= rule.first
        chance = self._chances.setdefault(rule, random.Random(f"{rule.seed}/{rule.text}"))  # noqa: S311  # for tests only
        return chance.random() < rule.chance


active: Failpoints | None = None
"""Checked before each call of ``hit``, so that a failpoint costs next to nothing while it is None."""


def rules_of(setting: str) -> Rules | None:
    """The rules of ``FEIRA_FAILPOINTS``; None if it is empty. Raises ``ValueError`` for an invalid rule."""
    if setting.startswith(FILE_PREFIX):
        return RuleFile(Path(setting.removeprefix(FILE_PREFIX)))
    rules = parse_rules(setting)
    return ProcessRules(rules) if rules else None


def enable(setting: str) -> None:
    global active  # noqa: PLW0603  # failpoints are the process's
    rules = rules_of(setting)
    active = Failpoints(rules) if rules else None
    if active:
        LOG.warning("failpoints_enabled", rules=setting)


async def hit(name: str, kind: str = "") -> bool:
    """Whether a rule has acted."""
    return active is not None and await active.hit(name, kind)


async def _act(rule: Rule) -> None:
    match rule.action:
        case Action.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        case Action.STOP:
            _stop(rule.seconds)
        case Action.RAISE:
            raise InjectedFailure(f"injected at {rule.failpoint}")
        case Action.DELAY:
            await asyncio.sleep(rule.seconds)
        case Action.EXEC_THEN_TIMEOUT:
            raise TimeoutError(f"injected at {rule.failpoint}: done, and the answer is lost")


def _stop(seconds: float) -> None:
    """Another process has to wake this one up."""
    wake_up = f"sleep {seconds}; kill -CONT {os.getpid()}"
    subprocess.Popen(("/bin/sh", "-c", wake_up), start_new_session=True)  # noqa: S603  # numbers only
    os.kill(os.getpid(), signal.SIGSTOP)
