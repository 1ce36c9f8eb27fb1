"""The facts of categories. A category is a name for products; products need not wait for it to exist."""

from typing import Any

from contracts.envelope import Fact, Part
from contracts.product import Media


class CategoryDetails(Part):
    name: str
    parent: str | None = None
    """The slug of the category above this one."""
    position: int = 0
    media: tuple[Media, ...] = ()
    metadata: dict[str, Any] = {}


class Set(Fact):
    """The category exists, with these details."""

    TYPE = "category.set"
    slug: str
    details: CategoryDetails


class Removed(Fact):
    TYPE = "category.removed"
    slug: str


CategoryFact = Set | Removed
