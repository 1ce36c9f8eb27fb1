"""Activity of offers, by offer, variant and day.

Views are counted each; sessions once for an offer, on the day of their first view. An item that was put into
a cart counts once for the cart, as do a promotion that was applied while the cart held the offer, an upsell
that was proposed for the cart or after the order, and an upsell that was taken. What is taken was shown. An
exposure to an experiment counts on its day, and its conversion on that day, too, whenever it came, so that
the rate never exceeds 1. What is not of a variant has the variant ``00000000-…``.
"""

from __future__ import annotations

from typing import get_args

from kernel.projections.counters import CounterModel, CounterTable, Measures, RowDeltas, summed
from kernel.projections.folding import RowKey
from projections.models.offer_activity.state import MEASURES, Activity, KnownFact, fold, subject


def contributions(state: Activity) -> RowDeltas:
    parts: list[tuple[RowKey, Measures]] = [
        (
            (mark.offer_id, mark.variant_id, mark.day),
            tuple(int(measure == mark.measure) for measure in MEASURES),
        )
        for mark in state.marks.values()
    ]
    return summed(parts)


OFFER_ACTIVITY: CounterModel[Activity, KnownFact] = CounterModel(
    name="offer_activity",
    version=1,
    facts=get_args(KnownFact),
    selective=True,
    state=Activity,
    subject=subject,
    fold=fold,
    counters=(
        CounterTable(
            name="offer_activity",
            keys={"offer_id": "uuid", "variant_id": "uuid", "day": "date"},
            measures=MEASURES,
            contributions=contributions,
        ),
    ),
)
