"""What the commands of one process share."""

from __future__ import annotations

from datetime import datetime

from kernel.http.in_flight_keys import InFlightKeys
from kernel.http.statuses import DEFAULTS, Statuses
from kernel.instants import EARLIEST
from kernel.store.event_store import EventStore


class CommandRunner:
    def __init__(
        self, store: EventStore, earliest: datetime = EARLIEST, statuses: Statuses = DEFAULTS
    ) -> None:
        """``earliest``: the lower limit of Feira-Occurred-At; ``statuses``: refusal code -> HTTP status."""
        self.store = store
        self.statuses = statuses
        self.earliest = earliest
        self.keys = InFlightKeys()
