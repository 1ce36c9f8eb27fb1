"""Random cases as plain data: a subscription with changes, usage, an invoice, an order of vendors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

Data = dict[str, Any]
ZONES = [
    *("UTC", "Europe/Berlin", "America/New_York", "America/Santiago", "Africa/Cairo", "Asia/Kolkata"),
    *("Australia/Lord_Howe", "Pacific/Kiritimati", "America/St_Johns"),
]
UNITS = ["second", "minute", "day"]
INTERVALS = ["day", "week", "month", "month", "month", "year"]
RATES = [Fraction(it, 1000) for it in (0, 19, 70, 88, 190, 210, 250)]
EDGES = [(1, 30), (1, 31), (2, 28), (3, 8), (3, 29), (4, 24), (9, 6), (10, 25), (11, 1), (12, 31)]
"""Months' ends, and days on which some zone changes its clocks."""


@dataclass
class Case:
    zone: ZoneInfo
    mode: str
    subscription: Data
    usage: Data
    invoice: Data
    order: Data


def draw_case(random: Random) -> Case:
    zone = ZoneInfo(random.choice(ZONES))
    return Case(
        zone=zone,
        mode=random.choice(["half_up", "half_even"]),
        subscription=_subscription(random),
        usage=_usage(random),
        invoice=_invoice(random),
        order=_order(random),
    )


def _amount(random: Random) -> int:
    return random.choice(
        [0, 1, 999, 2999, random.randrange(100), random.randrange(10**5), random.randrange(10**11)]
    )


def _start(random: Random) -> datetime:
    month, day = random.choice(EDGES)
    first = datetime(random.randint(2024, 2032), month, day, tzinfo=UTC)
    return first + timedelta(seconds=random.choice([0, 5400, 9000, random.randrange(-86_400, 4 * 86_400)]))


def _subscription(random: Random) -> Data:
    interval = random.choice(INTERVALS)
    most = {"day": 40, "week": 6, "month": 12, "year": 3}[interval]
    has_day = interval in {"month", "year"} and random.random() < 0.3
    return {
        "start": _start(random) + timedelta(microseconds=random.choice([0, 900_000])),
        "interval": interval,
        "count": random.choice([1, 1, random.randint(1, most)]),
        "unit": random.choice(UNITS),
        "price": _amount(random),
        "anchor_day": random.choice([1, 15, 28, 29, 30, 31]) if has_day else None,
        "trial_days": random.choice([0, 0, 7, 14, 30]),
        "boundaries": sorted(random.sample(range(30), 3)),
        "changes": [_change(random) for _ in range(random.randint(1, 4))],
        "dunning": _dunning(random),
    }


def _change(random: Random) -> Data:
    """``after``: the part of the period that is left, of which so much passes before the change."""
    return {
        "after": Fraction(random.randrange(1000), 1000),
        "price": _amount(random),
        "unit": random.choice(UNITS),
        "is_pending": random.random() < 0.3,
        "credited": Fraction(random.choice([0, 0, random.randrange(1000)]), 1000),
    }


def _dunning(random: Random) -> Data:
    days = sorted(random.sample(range(1, 40), random.randint(0, 8)))
    suspended = random.randint(1, 30)
    return {"retry_days": days, "suspended": suspended, "ended": suspended + random.randint(0, 30)}


def _usage(random: Random) -> Data:
    ends = sorted(random.sample(range(1, 200), random.randint(0, 4)))
    prices = [Fraction(random.randrange(10**6), 10 ** random.randint(0, 6)) for _ in range(len(ends) + 1)]
    return {
        "events": [
            {
                "id": str(random.randint(1, 12)),
                "minute": random.randint(0, 3),
                "quantity": Fraction(random.randint(-20, 60) * random.choice([1, 10**6]), 10**6),
                "value": random.choice(["u1", "u2", "u3"]),
            }
            for _ in range(random.randint(0, 15))
        ],
        "late": random.randint(0, 3),
        "tiers": list(zip([*ends, None], prices, strict=True)),
        "package": (random.randint(1, 50), random.randint(0, 500)),
        "included": random.choice([0, 0, 10, 100]),
        "share": (random.randint(0, 30), 30),
    }


def _invoice(random: Random) -> Data:
    lines = []
    for number in range(random.randint(1, 5)):
        amount = _amount(random)
        lines.append(
            {
                "line_id": str(number),
                "amount": amount,
                "discount": random.choice([0, 0, amount // 5, amount]),
                "rate": random.choice(RATES),
                "inside": random.random() < 0.5,
            }
        )
    return {
        "lines": lines,
        "credit": random.choice([0, 0, _amount(random)]),
        "notes": [Fraction(random.randrange(1001), 1000) for _ in range(random.randint(0, 4))],
    }


def _order(random: Random) -> Data:
    """``refunds``: of a line, of what is left of it."""
    lines = []
    for number in range(random.randint(1, 5)):
        net, rate = _amount(random), random.choice(RATES)
        lines.append(
            {
                "line_id": str(number),
                "vendor": random.choice([None, "v1", "v2"]),
                "quantity": random.randint(1, 4),
                "net": net,
                "tax": round(net * rate),
                "borne": random.choice([0, 0, random.randrange(2000)]),
                "is_tax_kept": random.random() < 0.2,
                "bps": random.choice([0, 1000, 1250, 10_000, random.randint(0, 10_000)]),
                "fixed": random.choice([0, 0, 30]),
            }
        )
    return {
        "lines": lines,
        "refunds": [
            {
                "line": random.randrange(len(lines)),
                "part": Fraction(random.choice([1000, random.randrange(1001)]), 1000),
                "is_dispute": random.random() < 0.2,
            }
            for _ in range(random.randint(0, 6))
        ],
        "shipping": random.randrange(3000),
        "paid_out": random.random() < 0.5,
        "minimum": random.choice([0, 1000]),
    }
