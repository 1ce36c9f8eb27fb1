"""Which chain of events a request belongs to, taken from its headers or begun here."""

from __future__ import annotations

import random
import re

from kernel import ids
from kernel.card_numbers import holds_card_number

LONGEST = 128
PRINTABLE = re.compile(r"[\x21-\x7e]+")
TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})")


def correlation_id(given: bytes | None) -> str:
    """The caller's own, if it is fit to stand in headers and logs; a fresh one otherwise."""
    text = (given or b"").decode("latin-1")
    fit = len(text) <= LONGEST and PRINTABLE.fullmatch(text) and not holds_card_number(text)
    return text if fit else str(ids.new_id())


def traceparent(given: bytes | None) -> str:
    """Our own span, within the caller's trace if there is one."""
    known = TRACEPARENT.fullmatch((given or b"").decode("latin-1"))
    trace, flags = known.groups() if known else (_digits(32), "01")
    return f"00-{trace}-{_digits(16)}-{flags}"


def _digits(count: int) -> str:
    """Nobody's secret, and not all zeros."""
    return f"{random.randrange(1, 1 << 4 * count):0{count}x}"  # noqa: S311
