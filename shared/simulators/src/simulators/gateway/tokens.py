"""What each payment token makes the gateway do: the outside world at its worst, on demand."""

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
"""How these are treated depends on how often, and how long ago, the gateway was asked before."""
FLAKY_CALLS = 2


class Behaviour(Enum):
    """How a call is treated before its outcome matters."""

    ANSWER = auto()
    UNAVAILABLE = auto()
    """Refused without effect."""
    NOT_ANSWERED = auto()
    """Neither done nor answered."""
    DONE_NOT_ANSWERED = auto()
    """Done, but the caller is never told."""


def redact_foreign(token: str) -> str:
    """The token as it is kept: of a foreign one nothing but that it was foreign."""
    return token if token in KNOWN else OTHER


def behaviour_of(
    token: str | None, operation: str, calls: int, age: timedelta, down_for: timedelta
) -> Behaviour:
    """``calls`` counts this operation's calls of the checkout, this one included; ``age`` is the time since
    the checkout's first call of all."""
    if token == DOWN and age < down_for:
        return Behaviour.NOT_ANSWERED
    if token == FLAKY and operation != "look_up" and calls <= FLAKY_CALLS:
        return Behaviour.UNAVAILABLE
    if token == TIMEOUT and operation == "authorize":
        return Behaviour.DONE_NOT_ANSWERED
    return Behaviour.ANSWER
