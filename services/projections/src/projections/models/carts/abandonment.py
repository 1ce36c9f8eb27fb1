"""Abandonment: which carts were abandoned, and by which attempt to bring them back they were bought after
all.

A cart counts once, on the day on which it was first abandoned: its expiry, or a second abandonment, is not
another one. Attempt 0 is no message at all: all abandoned carts begin there. A cart comes to attempt n when
the n-th message to its customer is due, unless it was bought before. It is recovered by the attempt it had
come to when it was bought, if that was within 7 days of the attempt; so it is recovered once. Its revenue is
the total of the order, as it was when the checkout was completed; later refunds are not deducted.

A guest's cart that was merged into a customer's does not count: its shopper goes on in the other one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from kernel.projections.counters import CounterTable, Measures, RowDeltas, summed
from kernel.projections.folding import RowKey
from projections.models.carts.state import Cart
from projections.models.moments import Moment

WINDOW = timedelta(days=7)
"""So soon after an attempt a purchase is its merit."""


def contributions(state: Cart) -> RowDeltas:
    attempts = _attempts(state)
    if not attempts:
        return {}
    day = attempts[0].day
    parts: list[tuple[RowKey, Measures]] = [
        ((day, state.currency, attempt, since.known), (1, 0, state.value, 0))
        for attempt, since in attempts.items()
    ]
    if (bought := state.completion) is not None:
        attempt, since = max(attempts.items())
        if bought.at - since.at <= WINDOW:
            known = max(bought.known, since.known)
            parts.append(((day, state.currency, attempt, known), (0, 1, 0, bought.total)))
    return summed(parts)


def _attempts(state: Cart) -> Mapping[int, Moment]:
    """The attempts before the purchase, each with its time. A message that is due later is none."""
    if state.abandoned is None or state.merged:
        return {}
    begun = {0: state.abandoned, **state.messages}
    bought = state.completion
    if bought is not None and bought.at < state.abandoned.at:
        return {}
    return {attempt: since for attempt, since in begun.items() if bought is None or since.at <= bought.at}


ABANDONMENT: CounterTable[Cart] = CounterTable(
    name="abandonment",
    keys={"day": "date", "currency": "text", "attempt": "integer", "known": "date"},
    measures=("abandoned", "recovered", "value", "revenue"),
    contributions=contributions,
)
