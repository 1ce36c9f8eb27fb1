"""The request and the view of the shop's channels."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from checkout_saga.notifications.domain.channels import NotificationChannels
from checkout_saga.notifications.domain.kinds import ShopKind
from kernel.http.descriptions import Word
from kernel.http.requests import Body

ChannelKind = Literal["email", "slack"]
MAX_CHANNELS = 20

FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "ChannelsBody": Word("All channels by which the shop learns what needs its attention."),
        "ChannelsView": Word("All channels by which the shop learns what needs its attention."),
        "ChannelBody": Word("A channel of the shop."),
        "ChannelView": Word("A channel of the shop, without its target, which is a secret."),
        "channels": Word("The channels."),
        "channel_id": Word(
            "The channel's id: the same target keeps it.", "3f0d6a2e-5b1c-5e1f-9a63-2b7f4c1d8e90"
        ),
        "ChannelBody.kind": Word("email or slack.", "slack"),
        "ChannelView.kind": Word("email or slack.", "slack"),
        "target": Word(
            "An e-mail address, or of Slack the address of an incoming webhook.",
            "https://hooks.slack.com/services/T0/B0/x",
        ),
        "kinds": Word("The kinds of notifications that go there.", ["refund_stuck"]),
        "min_interval_seconds": Word(
            "Time between two notifications of one kind and code; the next one tells how many were left out.",
            300,
        ),
    }
)


class ChannelBody(Body):
    kind: ChannelKind
    target: Annotated[str, Field(min_length=3, max_length=500, repr=False)]
    kinds: Annotated[tuple[ShopKind, ...], Field(min_length=1, max_length=len(ShopKind))]
    min_interval_seconds: Annotated[int, Field(ge=0, le=86400)] = 300


class ChannelsBody(Body):
    """The whole list: a channel that is left out gets nothing any more."""

    channels: Annotated[tuple[ChannelBody, ...], Field(max_length=MAX_CHANNELS)]

    @model_validator(mode="after")
    def _check_targets(self) -> Self:
        if len({(it.kind, it.target) for it in self.channels}) < len(self.channels):
            raise ValueError("A target stands in the list twice.")
        return self


class ChannelView(BaseModel):
    channel_id: UUID
    kind: ChannelKind
    kinds: list[ShopKind]
    min_interval_seconds: int


class ChannelsView(BaseModel):
    channels: list[ChannelView]
    version: int


def show_channels(channels: NotificationChannels, _now: datetime) -> ChannelsView:
    return ChannelsView.model_validate(
        {
            "channels": [it.model_dump(exclude={"target"}) for it in channels.by_id.values()],
            "version": channels.version,
        }
    )
