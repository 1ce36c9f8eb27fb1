"""A failing run as a person can read it: what goes wrong, and all that happened, one line each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from tests.proofs.simulation.agenda import SECOND
from tests.proofs.simulation.outcome import Outcome
from tests.proofs.simulation.scene import Scene
from tests.proofs.simulation.world import Told

UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def told(it: Outcome) -> Iterator[str]:
    yield f"seed {it.scene.seed}"
    yield from _scene(it.scene)
    yield from _faults(it.faults)
    yield from lines(it.story)
    for violation in it.violations:
        yield f"BROKEN {violation.rule}: {violation.what}"


def lines(story: Iterable[Told]) -> Iterator[str]:
    """With short names instead of ids: A, B, …, in the order in which they are first spoken of."""
    names: dict[str, str] = {}

    def short(found: re.Match[str]) -> str:
        return names.setdefault(found[0], f"<{_letters(len(names))}>")

    for it in story:
        yield f"{it.micros / SECOND:10.3f}  {it.who:<22}  {UUID_TEXT.sub(short, it.what)}"


def _letters(number: int) -> str:
    more, last = divmod(number, len(LETTERS))
    return (_letters(more - 1) if more else "") + LETTERS[last]


def _scene(it: Scene) -> Iterator[str]:
    for number, goods in enumerate(it.goods):
        there = "as many as anybody wants" if goods.stock is None else goods.stock
        yield f"  goods {number}: {goods.price} minor units, {there}"
    for number, purchase in enumerate(it.purchases):
        yield f"  customer {number}: {purchase}"
    for change in it.changes:
        yield f"  merchant: {change}"


def _faults(faults: Mapping[str, str]) -> Iterator[str]:
    for place, fault in faults.items():
        yield f"  goes wrong: {place} {fault}"
    if not faults:
        yield "  nothing goes wrong"
