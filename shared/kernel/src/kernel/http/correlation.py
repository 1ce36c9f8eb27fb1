"""The correlation id and the trace of a request: taken from its headers, or made here."""

from __future__ import annotations

import random
import re

from kernel import ids
from kernel.security.card_numbers import holds_card_number

MAX_LENGTH = 128
PRINTABLE = re.compile(r"[\x21-\x7e]+")
TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})")


def correlation_id(header: bytes | None) -> str:
    """The caller's id if it may stand in headers and logs; otherwise a new one."""
    text = (header or b"").decode("latin-1")
    valid = len(text) <= MAX_LENGTH and PRINTABLE.fullmatch(text) and not holds_card_number(text)
    return text if valid else str(ids.new_id())


def traceparent(header: bytes | None) -> str:
    """A new span, within the caller's trace if the header names a valid one."""
    match = TRACEPARENT.fullmatch((header or b"").decode("latin-1"))
    trace, flags = match.groups() if match else (_hex_digits(32), "01")
    return f"00-{trace}-{_hex_digits(16)}-{flags}"


def _hex_digits(count: int) -> str:
    """Not secret, and never all zeros."""
    return f"{random.randrange(1, 1 << 4 * count):0{count}x}"  # noqa: S311
