"""Payment tokens, and the gateway behaviour that each of them selects.

A token may have a suffix, as in ``tok_ok.card7``: it behaves like the token before the dot, and the suffix
stands for the card behind it.
"""

from __future__ import annotations

import re
from datetime import timedelta
from enum import Enum, auto

OK = "tok_ok"
DECLINED = "tok_declined"
INSUFFICIENT_FUNDS = "tok_insufficient_funds"
ACTION = "tok_action"
ACTION_DECLINED = "tok_action_declined"
TIMEOUT = "tok_timeout"
FLAKY = "tok_flaky"
CAPTURE_FAILS = "tok_capture_fails"
CAPTURE_TIMEOUT = "tok_capture_timeout"
AUTH_EXPIRES = "tok_auth_expires"
VOID_REFUSED = "tok_void_refused"
REFUND_FAILS = "tok_refund_fails"
REFUND_PENDING = "tok_refund_pending"
DOWN = "tok_down"
OTHER = "other"

APPROVED = frozenset(
    {
        OK,
        TIMEOUT,
        FLAKY,
        CAPTURE_FAILS,
        CAPTURE_TIMEOUT,
        AUTH_EXPIRES,
        VOID_REFUSED,
        REFUND_FAILS,
        REFUND_PENDING,
        DOWN,
    }
)
"""Authorized without an action of the customer."""
KNOWN = APPROVED | {DECLINED, INSUFFICIENT_FUNDS, ACTION, ACTION_DECLINED}
STATEFUL_TOKENS = frozenset({FLAKY, DOWN, AUTH_EXPIRES})
"""Tokens whose behaviour depends on the number and age of earlier calls."""
FLAKY_CALLS = 2
LAPSES_AFTER = timedelta(seconds=60)
"""Then the gateway ends an authorization with ``tok_auth_expires``."""
PENDING_FOR = timedelta(seconds=30)
"""So long a refund with ``tok_refund_pending`` is undecided."""
SUFFIX = re.compile(r"[a-z0-9]{1,16}")


class Behaviour(Enum):
    """How the gateway treats a call."""

    ANSWER = auto()
    UNAVAILABLE = auto()
    """503 without effect."""
    NOT_ANSWERED = auto()
    """Not executed, no response."""
    DONE_NOT_ANSWERED = auto()
    """Executed, no response."""


def base_of(token: str | None) -> str | None:
    """The token without its suffix."""
    if token is None:
        return None
    base, dot, suffix = token.partition(".")
    return base if not dot or SUFFIX.fullmatch(suffix) else token


def redact_foreign(token: str) -> str:
    """The token as stored. A foreign token is replaced by ``other``."""
    return token if base_of(token) in KNOWN else OTHER


def behaviour_of(
    token: str | None, operation: str, calls: int, age: timedelta, down_for: timedelta
) -> Behaviour:
    """The behaviour of a call. ``calls``: calls of this operation for the checkout, this one included.
    ``age``: time since the checkout's first call of any operation."""
    base = base_of(token)
    if base == DOWN and age < down_for:
        return Behaviour.NOT_ANSWERED
    if base == FLAKY and operation != "look_up" and calls <= FLAKY_CALLS:
        return Behaviour.UNAVAILABLE
    if (base, operation) in {(TIMEOUT, "authorize"), (CAPTURE_TIMEOUT, "capture")}:
        return Behaviour.DONE_NOT_ANSWERED
    return Behaviour.ANSWER
