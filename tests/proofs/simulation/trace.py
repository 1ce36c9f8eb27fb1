"""Render a failing run as text: its faults and everything that happened, one line each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from tests.proofs.simulation.outcome import Outcome
from tests.proofs.simulation.scheduler import SECOND
from tests.proofs.simulation.workload import Workload
from tests.proofs.simulation.world import TraceLine

UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def report(it: Outcome) -> Iterator[str]:
    yield f"seed {it.workload.seed}"
    yield from _workload(it.workload)
    yield from _faults(it.faults)
    yield from lines(it.trace_lines)
    for violation in it.violations:
        yield f"BROKEN {violation.rule}: {violation.what}"


def lines(trace: Iterable[TraceLine]) -> Iterator[str]:
    """The trace with short names A, B, … for ids, in order of appearance."""
    names: dict[str, str] = {}

    def short(found: re.Match[str]) -> str:
        return names.setdefault(found[0], f"<{_letters(len(names))}>")

    for it in trace:
        yield f"{it.micros / SECOND:10.3f}  {it.who:<22}  {UUID_TEXT.sub(short, it.what)}"


def _letters(number: int) -> str:
    more, last = divmod(number, len(LETTERS))
    return (_letters(more - 1) if more else "") + LETTERS[last]


def _workload(it: Workload) -> Iterator[str]:
    for number, goods in enumerate(it.goods):
        stock = "not counted" if goods.stock is None else goods.stock
        yield f"  goods {number}: {goods.price} minor units, stock {stock}"
    for number, purchase in enumerate(it.purchases):
        yield f"  customer {number}: {purchase}"
    for change in it.changes:
        yield f"  merchant: {change}"


def _faults(faults: Mapping[str, str]) -> Iterator[str]:
    for place, fault in faults.items():
        yield f"  fault: {place} {fault}"
    if not faults:
        yield "  no faults"
