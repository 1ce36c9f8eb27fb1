"""Rules for failpoints, parsed from text: ``relay.after_send=kill@3; timer.after_claim=stop:2@p0.1``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kernel.faults.failpoint import Action
from kernel.faults.registry import all_failpoints

MAX_SECONDS = 600.0
FORM = "PLACE[/KIND]=ACTION[:SECONDS][@once|@twice|@N|@pCHANCE[,seed=N]]"
RULE = re.compile(
    r"(?P<place>[\w.]+)(?:/(?P<kind>[\w.]+))?=(?P<action>\w+)(?::(?P<seconds>\d+(?:\.\d+)?))?"
    r"(?:@(?:(?P<often>once|twice)|(?P<nth>[1-9]\d*)|p(?P<chance>[01](?:\.\d+)?)(?:,seed=(?P<seed>\d+))?))?"
)
TIMED = {Action.STOP, Action.DELAY}
"""Actions with a duration."""


@dataclass(frozen=True, slots=True)
class Rule:
    text: str
    failpoint: str
    kind: str | None
    action: Action
    seconds: float = 0.0
    first: int = 1
    """The first hit at which the rule acts."""
    times: int = 1
    chance: float | None = None
    """The probability of acting at each hit; replaces ``first`` and ``times``."""
    seed: int = 0

    def matches(self, failpoint: str, kind: str) -> bool:
        return failpoint == self.failpoint and self.kind in {None, kind}


def parse_rules(text: str) -> tuple[Rule, ...]:
    """Rules are separated by semicolons or line breaks. Raises ``ValueError`` with one sentence."""
    return tuple(_rule(part) for part in map(str.strip, re.split(r"[;\n]", text)) if part)


def _rule(text: str) -> Rule:
    match = RULE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} does not have the form {FORM}")
    parts = match.groupdict()
    failpoint = all_failpoints().get(parts["place"])
    if failpoint is None:
        raise ValueError(f"there is no failpoint {parts['place']!r}")
    if parts["action"] not in list(Action):
        raise ValueError(f"there is no action {parts['action']!r}, only {', '.join(Action)}")
    action = Action(parts["action"])
    if action not in failpoint.actions:
        allowed = ", ".join(sorted(failpoint.actions))
        raise ValueError(f"{failpoint.name} allows {allowed}, not {action}")
    if parts["kind"] and not failpoint.has_kinds:
        raise ValueError(f"{failpoint.name} has no kinds")
    chance = float(parts["chance"]) if parts["chance"] else None
    if chance is not None and not 0 < chance <= 1:
        raise ValueError(f"{text!r}: a chance is above 0 and at most 1")
    return Rule(
        text=text,
        failpoint=failpoint.name,
        kind=parts["kind"],
        action=action,
        seconds=_seconds(text, action, parts["seconds"]),
        first=int(parts["nth"] or 1),
        times=2 if parts["often"] == "twice" else 1,
        chance=chance,
        seed=int(parts["seed"] or 0),
    )


def _seconds(text: str, action: Action, given: str | None) -> float:
    if (given is not None) is not (action in TIMED):
        raise ValueError(f"{text!r}: seconds belong to {' and '.join(sorted(TIMED))}, and to no other action")
    seconds = float(given or 0)
    if action in TIMED and not 0 < seconds <= MAX_SECONDS:
        raise ValueError(f"{text!r}: the seconds are above 0 and at most {MAX_SECONDS:.0f}")
    return seconds
