"""The facts of collections. A collection is a name for products; products need not wait for it to exist."""

from typing import Any

from contracts.envelope import Fact, Part
from contracts.product import Media


class CollectionDetails(Part):
    name: str
    position: int = 0
    media: tuple[Media, ...] = ()
    metadata: dict[str, Any] = {}


class Set(Fact):
    """The collection exists, with these details."""

    TYPE = "collection.set"
    slug: str
    details: CollectionDetails


class Removed(Fact):
    TYPE = "collection.removed"
    slug: str


CollectionFact = Set | Removed
