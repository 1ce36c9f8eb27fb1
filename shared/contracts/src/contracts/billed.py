"""The parts that the facts of subscriptions and of invoices have in common."""

from datetime import datetime

from contracts.envelope import Part


class BilledPeriod(Part):
    """``starts_at`` is in it, ``ends_at`` is in the next one. The first whole period has number 1."""

    number: int
    starts_at: datetime
    ends_at: datetime
