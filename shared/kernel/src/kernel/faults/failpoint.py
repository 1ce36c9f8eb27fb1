"""What a failpoint is: the moment that it stands for, and the actions that are possible there."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Action(StrEnum):
    KILL = "kill"
    STOP = "stop"
    RAISE = "raise"
    DELAY = "delay"
    EXEC_THEN_TIMEOUT = "exec_then_timeout"


class Failpoint(NamedTuple):
    name: str
    moment: str
    actions: frozenset[Action]
    has_kinds: bool = False
    """Whether it is hit with a kind (a message type, an operation), by which a rule may select."""


PAUSES = frozenset({Action.KILL, Action.STOP, Action.DELAY})
"""For moments at which only a lost connection could raise."""
ANY = PAUSES | {Action.RAISE}
COMPLETED = ANY | {Action.EXEC_THEN_TIMEOUT}
"""For moments after a request to the database, Kafka or a provider: its answer can be lost."""
SENT = PAUSES | {Action.EXEC_THEN_TIMEOUT}
