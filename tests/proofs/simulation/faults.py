"""The kinds of faults, the points where they are injected, and the plan of a run."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

DIES_BEFORE = "dies before it"
DIES_AFTER = "dies after it"
FAILS = "fails"
UNTOLD = "is done, and not confirmed"
STALLS = "stalls"
REPEATS = "is repeated"
LATE = "comes late"
AGAIN = "asks twice"
DOUBLED = "goes to two at once"
LOST = "is lost"
UNHEARD = "is done, and not heard of"
DONE_LATE = "is done long after"
REFUSED = "is refused"
DOWN = "finds the gateway down"

KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "commit": (DIES_BEFORE, DIES_AFTER, FAILS, UNTOLD, STALLS),
        "publish": (REPEATS, LATE, AGAIN),
        "deliver": (LATE, DOUBLED),
        "fire": (LATE,),
        "call": (DIES_BEFORE, LOST, UNHEARD, DONE_LATE, REFUSED, DOWN, DIES_AFTER),
    }
)
"""By the place where it happens: a commit of a service, its relay's page, a delivery to a group, a timer, and
a call of the gateway."""


WEIGHTS: Mapping[str, float] = MappingProxyType({"commit": 1.5, "call": 8.0, "deliver": 0.5})
"""How much likelier than others: there are few calls among many deliveries, and money hangs on them."""


OFTEN: Mapping[str, tuple[str, ...]] = MappingProxyType({"call": (UNHEARD,) * 5 + (DONE_LATE,) * 5})
"""Drawn more often than their like: nothing shows more than what is done and not heard of, or is done when
nobody waits for it any more."""
BURST = 4
LIKELY = 0.6


class Plan:
    """Which of the places that a run comes to goes wrong: fixed, or drawn on the way and then told.

    A place is named by what it is and its number among its like: "commit offer 3".
    """

    def __init__(self, fixed: Mapping[str, str] | None = None) -> None:
        self._fixed = fixed or {}
        self._chance: random.Random | None = None
        self._rate = 0.0
        self._left = 0
        self._trouble = 0
        self._choices: dict[str, tuple[str, ...]] = {}
        self._counts: Counter[str] = Counter()
        self.happened: dict[str, str] = {}
        self.places: list[str] | None = None
        """Every injection point reached, where that is recorded."""
        self.is_open = False
        """Whether faults are injected now."""
        self.teller: Callable[[str, str], None] = lambda *_: None

    @classmethod
    def drawn(
        cls, chance: random.Random, rate: float, most: int, kinds: Collection[str], only: Collection[str]
    ) -> Plan:
        """``only`` these faults, or all that there are, in places of these ``kinds``."""
        it = cls()
        it._chance, it._rate, it._left = chance, rate, most
        for kind in kinds:
            found = KINDS[kind] + OFTEN.get(kind, ())
            it._choices[kind] = tuple(fault for fault in found if not only or fault in only)
        return it

    def at(self, kind: str, what: str) -> str | None:
        """The fault to inject at this point, if any."""
        if not self.is_open:
            return None
        name = f"{kind} {what}"
        self._counts[name] += 1
        if self.places is not None:
            self.places.append(f"{name} {self._counts[name]}")
        if self._chance is None:
            place = f"{name} {self._counts[name]}"
            fault = self._fixed.get(place)
        elif self._left and kind in self._choices and self._chance.random() < self._likelihood(kind):
            place = f"{name} {self._counts[name]}"
            fault = self._chance.choice(self._choices[kind])
            self._trouble = BURST if kind == "call" else self._trouble
        else:
            return None
        if fault is not None:
            self._left -= 1
            self.happened[place] = fault
            self.teller("FAULT", f"{place} {fault}")
        return fault

    def _likelihood(self, kind: str) -> float:
        """Trouble with the gateway comes in bursts: what is not heard is asked for, and that fails, too."""
        if kind == "call" and self._trouble:
            self._trouble -= 1
            return LIKELY
        return self._rate * WEIGHTS.get(kind, 1.0)
