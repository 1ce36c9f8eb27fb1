"""Webhooks of an account that were not processed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

UNMATCHED_FOR = timedelta(hours=24)
"""By then the longer comparison of a day has cleared up what it can."""


class Unprocessed(NamedTuple):
    """An event of the account. Its payment was not known, or it could not be read."""

    event_id: str
    type: str
    reference: str | None
    state: str


class Refused(NamedTuple):
    """Webhooks for the account since ``first_at``, none of which was signed with its secrets."""

    refusals: int
    first_at: datetime
