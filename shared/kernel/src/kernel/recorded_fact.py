"""A fact with what the log says about it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from contracts.envelope import Fact


class RecordedFact(NamedTuple):
    """``actor``: the key or the service that caused it. The recorded time is the fact's timestamp."""

    fact: Fact
    occurred_at: datetime
    actor: str
