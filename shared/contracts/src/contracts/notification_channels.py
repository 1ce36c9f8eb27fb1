"""The fact of the channels by which a shop learns what needs its attention."""

from uuid import UUID

from contracts.envelope import Fact, Part


class Channel(Part):
    channel_id: UUID
    """A pseudonym of kind and target: the same channel keeps it."""
    kind: str
    """``email`` or ``slack``."""
    target: str
    """The address, encrypted under a key of the tenant."""
    kinds: tuple[str, ...]
    """The kinds of notifications that go there."""
    min_interval_seconds: int = 300
    """Between two notifications of one kind and code; those in between are left out, and counted."""


class Changed(Fact):
    """The complete list after the change."""

    TYPE = "notification_channels.changed"
    channels: tuple[Channel, ...] = ()


NotificationChannelsFact = Changed
