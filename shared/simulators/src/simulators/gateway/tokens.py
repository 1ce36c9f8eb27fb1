"""Payment tokens, and the gateway behaviour that each of them selects."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum, auto

OK = "tok_ok"
DECLINED = "tok_declined"
INSUFFICIENT_FUNDS = "tok_insufficient_funds"
ACTION = "tok_action"
TIMEOUT = "tok_timeout"
FLAKY = "tok_flaky"
CAPTURE_FAILS = "tok_capture_fails"
DOWN = "tok_down"
OTHER = "other"

KNOWN = frozenset({OK, DECLINED, INSUFFICIENT_FUNDS, ACTION, TIMEOUT, FLAKY, CAPTURE_FAILS, DOWN})
STATEFUL_TOKENS = frozenset({FLAKY, DOWN})
"""Tokens whose behaviour depends on the number and age of earlier calls."""
FLAKY_CALLS = 2


class Behaviour(Enum):
    """How the gateway treats a call."""

    ANSWER = auto()
    UNAVAILABLE = auto()
    """503 without effect."""
    NOT_ANSWERED = auto()
    """Not executed, no response."""
    DONE_NOT_ANSWERED = auto()
    """Executed, no response."""


def redact_foreign(token: str) -> str:
    """The token as stored. A foreign token is replaced by ``other``."""
    return token if token in KNOWN else OTHER


def behaviour_of(
    token: str | None, operation: str, calls: int, age: timedelta, down_for: timedelta
) -> Behaviour:
    """The behaviour of a call. ``calls``: calls of this operation for the checkout, this one included.
    ``age``: time since the checkout's first call of any operation."""
    if token == DOWN and age < down_for:
        return Behaviour.NOT_ANSWERED
    if token == FLAKY and operation != "look_up" and calls <= FLAKY_CALLS:
        return Behaviour.UNAVAILABLE
    if token == TIMEOUT and operation == "authorize":
        return Behaviour.DONE_NOT_ANSWERED
    return Behaviour.ANSWER
