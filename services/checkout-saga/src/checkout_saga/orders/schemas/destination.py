"""Where goods go, as callers see it."""

from __future__ import annotations

from pydantic import BaseModel

from contracts.sale import Destination


class DestinationView(BaseModel):
    """Where the goods go: prices and taxes are those of this place."""

    country: str
    region: str | None = None


def show_destination(destination: Destination | None) -> DestinationView | None:
    return DestinationView(country=destination.country, region=destination.region) if destination else None
