"""The shares of refunds, also of facts that were recorded before refunds had an allocation.

Each fact now says what it takes of each line. The shares of an older one follow from the sale and from all
refunds before it: its body alone does not have them, so it cannot be upcast. Its readers fold the whole order
anyway, and pass what was left of it to these functions.
"""

from __future__ import annotations

from collections.abc import Sequence

from contracts.order import Refunded, RefundedUnits, RefundRequested, RefundShare
from pricing.refunds import Remainder

Shares = tuple[RefundShare, ...]


def shares_requested(fact: RefundRequested, remainder: Remainder) -> Shares:
    """What the request takes of each line; ``remainder`` is what was left before it."""
    return fact.allocation or infer_shares(fact.amount, fact.units, remainder)


def shares_refunded(fact: Refunded, requested: Shares, remainder: Remainder) -> Shares:
    """What the refund takes of each line: as ``requested``, or without a request of ``remainder``."""
    return fact.allocation or requested or infer_shares(fact.amount, (), remainder)


def infer_shares(amount: int, units: Sequence[RefundedUnits], remainder: Remainder) -> Shares:
    """The shares of these units, as far as there are as many; the rest of the amount is spread."""
    of_units = tuple(
        remainder.share_of_units(it.line_id, it.quantity)
        for it in units
        if 0 < it.quantity <= remainder.balance_of(it.line_id).units
    )
    over = amount - sum(share.amount for share in of_units)
    if over < 0:
        return remainder.spread(amount)
    rest = remainder.without(of_units)
    return of_units + (rest.spread(min(over, rest.amount)) if over else ())
