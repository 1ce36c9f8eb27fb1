"""Pictures, videos and files by their addresses, which Feira never opens."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from kernel.http.requests import Body, ShortText, Trimmed

Kind = Literal["image", "video", "file"]
Position = Annotated[int, Field(ge=-(10**6), le=10**6)]


class MediaBody(Body):
    url: Annotated[str, Trimmed(2_000)]
    kind: Kind = "image"
    alt: ShortText | None = None
    position: Position = 0


class MediaView(BaseModel):
    url: str
    kind: Kind
    alt: str | None
    position: int


ManyMedia = Annotated[tuple[MediaBody, ...], Field(max_length=50)]
