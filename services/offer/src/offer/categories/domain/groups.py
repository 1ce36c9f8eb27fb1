"""Categories and collections: names for groups of products, by slug. Products need not wait for them."""

from typing import assert_never
from uuid import UUID, uuid5

from contracts import category, collection
from contracts.category import CategoryDetails
from contracts.collection import CollectionDetails
from kernel.domain import Aggregate

NAMESPACE = UUID("0e8d6a57-1c0f-4a3c-9d7f-2f6b7c1a4e58")


def category_id(tenant: str, slug: str) -> UUID:
    return uuid5(uuid5(NAMESPACE, tenant), f"category:{slug}")


def collection_id(tenant: str, slug: str) -> UUID:
    return uuid5(uuid5(NAMESPACE, tenant), f"collection:{slug}")


class Category(Aggregate):
    """Has details as long as it is not removed; it can be set again."""

    def initialise(self) -> None:
        self.slug = ""
        self.details: CategoryDetails | None = None

    def set(self, slug: str, details: CategoryDetails) -> None:
        """The caller has checked its place below its parent. Records nothing if nothing changes."""
        if details != self.details:
            self.record(category.Set(slug=slug, details=details))

    def remove(self) -> None:
        self.record(category.Removed(slug=self.slug))

    def evolve(self, fact: category.CategoryFact) -> None:
        match fact:
            case category.Set(slug=slug, details=details):
                self.slug, self.details = slug, details
            case category.Removed():
                self.details = None
            case _:
                assert_never(fact)


class Collection(Aggregate):
    """Like a category, without a parent."""

    def initialise(self) -> None:
        self.slug = ""
        self.details: CollectionDetails | None = None

    def set(self, slug: str, details: CollectionDetails) -> None:
        if details != self.details:
            self.record(collection.Set(slug=slug, details=details))

    def remove(self) -> None:
        self.record(collection.Removed(slug=self.slug))

    def evolve(self, fact: collection.CollectionFact) -> None:
        match fact:
            case collection.Set(slug=slug, details=details):
                self.slug, self.details = slug, details
            case collection.Removed():
                self.details = None
            case _:
                assert_never(fact)
