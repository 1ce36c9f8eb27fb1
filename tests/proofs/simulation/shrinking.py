"""Shrink a failing run: fewer faults and fewer actors, with the same rule broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from tests.proofs.simulation.outcome import Outcome, outcome
from tests.proofs.simulation.workload import Purchase, Workload

MAX_TRIES = 400


@dataclass(frozen=True)
class Case:
    """A workload and its faults: enough to reproduce a failure."""

    workload: Workload
    faults: Mapping[str, str]


def shrunk(found: Outcome, most: int = MAX_TRIES) -> Case:
    """The smallest case found that breaks one of the same rules: no single part of it can be left out."""
    wanted = found.rules
    tries = 0

    def still_fails(case: Case) -> bool:
        nonlocal tries
        tries += 1
        return bool(wanted & outcome(case.workload, case.faults).rules)

    case = Case(found.workload, dict(found.faults))
    if not still_fails(case):
        return case
    while tries < most:
        smaller = _first(still_fails, _smaller(case), most - tries)
        if smaller is None:
            break
        case = smaller
    return case


def _first(holds: Callable[[Case], bool], cases: Iterator[Case], most: int) -> Case | None:
    for _, case in zip(range(most), cases, strict=False):
        if holds(case):
            return case
    return None


def _smaller(it: Case) -> Iterator[Case]:
    """Cases with one part less, the largest reductions first."""
    if it.faults:
        yield Case(it.workload, {})
    for place in it.faults:
        yield Case(it.workload, {other: fault for other, fault in it.faults.items() if other != place})
    for part in ("purchases", "changes"):
        for at in range(len(getattr(it.workload, part))):
            yield Case(it.workload.without(part, at), it.faults)
    if it.workload.replicas > 1:
        yield Case(replace(it.workload, replicas=1), it.faults)
    for at, purchase in enumerate(it.workload.purchases):
        for plainer in _plainer(purchase):
            rest = it.workload.purchases
            yield Case(replace(it.workload, purchases=(*rest[:at], plainer, *rest[at + 1 :])), it.faults)


def _plainer(it: Purchase) -> Iterator[Purchase]:
    plain = Purchase(it.at, it.lines[:1], it.token)
    wishes = ("lines", "code", "cancel", "again", "meddle", "afterwards", "operator", "bank")
    for wish in wishes:
        if getattr(it, wish) != getattr(plain, wish):
            yield replace(it, **{wish: getattr(plain, wish)})
