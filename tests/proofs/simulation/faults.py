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
"""By the kind of injection point: a commit of a service, a page of its relay, a delivery to a group, a timer,
a call of the gateway."""


WEIGHTS: Mapping[str, float] = MappingProxyType({"commit": 1.5, "call": 8.0, "deliver": 0.5})
"""Factors of the fault rate: there are few calls among many deliveries, and they move money."""


OFTEN: Mapping[str, tuple[str, ...]] = MappingProxyType({"call": (UNHEARD,) * 5 + (DONE_LATE,) * 5})
"""Kinds that are drawn more often, because they find most: calls that take effect without a response, or
after the caller has given up."""
BURST = 4
LIKELY = 0.6


class Plan:
    """The faults of a run by injection point: fixed in advance, or drawn on the way and recorded.

    An injection point is named by its kind, its subject and a number: "commit offer 3".
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
        """Draw ``only`` these faults, or any if it is empty, at injection points of these ``kinds``."""
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
        """Faults of gateway calls come in bursts, so that the look-up after a lost response fails, too."""
        if kind == "call" and self._trouble:
            self._trouble -= 1
            return LIKELY
        return self._rate * WEIGHTS.get(kind, 1.0)
