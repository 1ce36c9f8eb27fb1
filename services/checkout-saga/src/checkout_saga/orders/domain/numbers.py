"""The number of an order, by which people name it."""

from __future__ import annotations

import base64
from uuid import UUID


def number_of(order_id: UUID) -> str:
    """A number to read out: 60 bits of the id in base 32, without letters that look like digits."""
    text = base64.b32encode(order_id.bytes[-8:]).decode().translate(_READABLE)[:12]
    return f"F-{text[:4]}-{text[4:8]}-{text[8:]}"


_READABLE = str.maketrans("OI", "89")
