"""The money of referrals by program, currency and day: paid orders of referees with their revenue and
discount, and referrers' rewards. Each counts on its own day, also if a reward is reversed in a later month.

Revenue is the order's total, less what was refunded of it. An order of which several programs have given a
discount is the merit of the latest attribution alone; each program has its own discount. If the checkout is
compensated after the payment, the order and its discount no longer count on that day.

Rewards granted less reversed are what the shop owes its referrers, or has given them. A reward is issued
after it has paid the referrer's debts, so that less may be issued than is owed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from kernel.projections.counters import CounterTable, Measures, RowDeltas, summed
from kernel.projections.folding import RowKey
from projections.models.referrals.state import GRANTED, ISSUED, REVERSED, REWARDS, Referral, Sale

ORDERS, REVENUE, DISCOUNT = "orders", "revenue", "discount"
MEASURES = (ORDERS, REVENUE, DISCOUNT, REWARDS, GRANTED, REVERSED, ISSUED)


def contributions(state: Referral) -> RowDeltas:
    rewards = [
        ((state.program_id, state.currency, step.day, step.known), _measures(**{step.counted: step.amount}))
        for step in state.steps
        if step.counted in MEASURES
    ]
    return summed([*rewards, *(() if state.sale is None else _sold(state, state.sale))])


def _sold(state: Referral, sale: Sale) -> Iterator[tuple[RowKey, Measures]]:
    own = sale.program_id, sale.currency
    yield (*own, sale.day, sale.known), _measures(revenue=sale.total)
    for refund in state.refunds:
        yield (*own, refund.day, max(refund.known, sale.known)), _measures(revenue=-refund.amount)
    yield from _counted(sale, 1, sale.known)
    if state.undone is not None:
        yield from _counted(sale, -1, max(state.undone.known, sale.known))


def _counted(sale: Sale, sign: int, known: date) -> Iterator[tuple[RowKey, Measures]]:
    yield (sale.program_id, sale.currency, sale.day, known), _measures(orders=sign)
    for program_id, discount in sale.discounts.items():
        yield (program_id, sale.currency, sale.day, known), _measures(discount=sign * discount)


def _measures(**amounts: int) -> Measures:
    return tuple(amounts.get(measure, 0) for measure in MEASURES)


MONEY: CounterTable[Referral] = CounterTable(
    name="referral_money",
    keys={"program_id": "uuid", "currency": "text", "day": "date", "known": "date"},
    measures=MEASURES,
    contributions=contributions,
)
