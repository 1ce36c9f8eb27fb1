"""The number of an order, by which people name it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import count
from uuid import UUID

from kernel.ids import derive_id


def numbers_of(order_id: UUID) -> Iterator[str]:
    """The numbers that an order may have, in the order in which they are tried: always the same ones."""
    yield number_of(order_id)
    for again in count(1):
        yield number_of(derive_id(order_id, f"number:{again}"))


def number_of(order_id: UUID) -> str:
    """A number to read out: 60 bits of the id in base 32, without letters that look like digits."""
    text = base64.b32encode(order_id.bytes[-8:]).decode().translate(_READABLE)[:12]
    return f"F-{text[:4]}-{text[4:8]}-{text[8:]}"


_READABLE = str.maketrans("OI", "89")
