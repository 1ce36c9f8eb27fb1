"""What failpoints are to do, as one writes it: ``relay.after_send=kill@3; timer.after_claim=stop:2@p0.1``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kernel.faults.registry import PLACES, Action

LONGEST = 600.0
"""Seconds."""
FORM = "PLACE[/KIND]=ACTION[:SECONDS][@once|@twice|@N|@pCHANCE[,seed=N]]"
RULE = re.compile(
    r"(?P<place>[\w.]+)(?:/(?P<kind>[\w.]+))?=(?P<action>\w+)(?::(?P<seconds>\d+(?:\.\d+)?))?"
    r"(?:@(?:(?P<often>once|twice)|(?P<nth>[1-9]\d*)|p(?P<chance>[01](?:\.\d+)?)(?:,seed=(?P<seed>\d+))?))?"
)
LASTING = {Action.STOP, Action.DELAY}


@dataclass(frozen=True, slots=True)
class Rule:
    text: str
    place: str
    kind: str | None
    action: Action
    seconds: float = 0.0
    first: int = 1
    """The hit from which on it does something."""
    times: int = 1
    chance: float | None = None
    """At every hit, instead of counting."""
    seed: int = 0

    def fits(self, place: str, kind: str) -> bool:
        return place == self.place and self.kind in {None, kind}


def parsed(text: str) -> tuple[Rule, ...]:
    """Rules stand apart by semicolons or lines. Raises ``ValueError`` with what is wrong, in one sentence."""
    return tuple(_rule(it) for it in (part.strip() for part in re.split(r"[;\n]", text)) if it)


def _rule(text: str) -> Rule:
    found = RULE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not {FORM}")
    told = found.groupdict()
    place = PLACES.get(told["place"])
    if place is None:
        raise ValueError(f"there is no failpoint {told['place']!r}")
    if told["action"] not in list(Action):
        raise ValueError(f"there is no action {told['action']!r}, only {', '.join(Action)}")
    action = Action(told["action"])
    if action not in place.actions:
        raise ValueError(f"{place.name} knows {', '.join(sorted(place.actions))}, and not {action}")
    if told["kind"] and not place.has_kinds:
        raise ValueError(f"{place.name} is not told apart by kinds")
    chance = float(told["chance"]) if told["chance"] else None
    if chance is not None and not 0 < chance <= 1:
        raise ValueError(f"{text!r}: a chance is above 0 and not above 1")
    return Rule(
        text=text,
        place=place.name,
        kind=told["kind"],
        action=action,
        seconds=_seconds(text, action, told["seconds"]),
        first=int(told["nth"] or 1),
        times=2 if told["often"] == "twice" else 1,
        chance=chance,
        seed=int(told["seed"] or 0),
    )


def _seconds(text: str, action: Action, told: str | None) -> float:
    if (told is not None) is not (action in LASTING):
        raise ValueError(f"{text!r}: {' and '.join(sorted(LASTING))} last for seconds, nothing else does")
    seconds = float(told or 0)
    if action in LASTING and not 0 < seconds <= LONGEST:
        raise ValueError(f"{text!r}: more than 0 and at most {LONGEST:.0f} seconds")
    return seconds
