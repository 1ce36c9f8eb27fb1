"""The channels by which a shop learns what needs its attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never
from uuid import UUID

from contracts import notification_channels as facts
from contracts.notification_channels import Channel
from kernel.domain import Aggregate
from kernel.ids import derive_id

TENANTS = UUID("b1f2a9d4-6a0e-4b57-8a0c-7d1c3e5f9a26")


class NotificationChannels(Aggregate):
    """None until they are set."""

    def initialise(self) -> None:
        self.by_id: Mapping[UUID, Channel] = {}

    def change(self, channels: Sequence[Channel]) -> None:
        """Records nothing if nothing changes. The caller has kept the text of targets that it knows: the same
        target is encrypted differently each time."""
        if tuple(channels) != tuple(self.by_id.values()):
            self.record(facts.Changed(channels=tuple(channels)))

    def wanting(self, kind: str) -> list[Channel]:
        return [it for it in self.by_id.values() if kind in it.kinds]

    def evolve(self, fact: facts.NotificationChannelsFact) -> None:
        match fact:
            case facts.Changed(channels=channels):
                self.by_id = {it.channel_id: it for it in channels}
            case _:
                assert_never(fact)


def channels_id(tenant: str) -> UUID:
    return derive_id(derive_id(TENANTS, tenant), "notification channels")
