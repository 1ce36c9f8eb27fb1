"""The request bodies by which operators decide about operations that are stuck."""

from __future__ import annotations

from typing import Literal

from kernel.http.requests import Body, ShortText


class OperatorsReason(Body):
    """Kept in the log for ever: it must not contain personal data."""

    reason: ShortText


class Resolution(OperatorsReason):
    """How a stuck payment operation ended; ``reference`` is the gateway's or the bank's."""

    outcome: Literal["done", "not_done"]
    reference: ShortText | None = None
