"""Requests and views of categories and collections."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel

from contracts.category import CategoryDetails
from contracts.collection import CollectionDetails
from kernel.http.descriptions import Word
from kernel.http.requests import Body, ShortText
from offer.catalogue.schemas.fields import FreeForm, Slug
from offer.catalogue.schemas.media import ManyMedia, MediaView, Position
from offer.categories.domain.errors import CategoryNotFound, CollectionNotFound
from offer.categories.domain.groups import Category, Collection

SlugInPath = Annotated[Slug, Path()]

FIELD_DESCRIPTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "CategoryBody": Word("A category of products.", {"name": "Cups", "parent": "kitchen"}),
        "CategoryView": Word("A category of products."),
        "CategoryBody.name": Word("The name of the category.", "Cups"),
        "CategoryView.name": Word("The name of the category.", "Cups"),
        "CollectionBody": Word("A collection of products.", {"name": "Spring"}),
        "CollectionView": Word("A collection of products."),
        "CollectionBody.name": Word("The name of the collection.", "Spring"),
        "CollectionView.name": Word("The name of the collection.", "Spring"),
        "slug": Word("The name in addresses.", "cups"),
        "parent": Word("The slug of the category above; null: none.", "kitchen"),
        "CategoryView.media": Word("Pictures, videos and files."),
        "CollectionView.media": Word("Pictures, videos and files."),
    }
)


class CollectionBody(Body):
    name: ShortText
    position: Position = 0
    media: ManyMedia = ()
    metadata: FreeForm = {}

    def details(self) -> CollectionDetails:
        return CollectionDetails.model_validate(self.model_dump())


class CategoryBody(Body):
    """At most eight levels."""

    name: ShortText
    parent: Slug | None = None
    position: Position = 0
    media: ManyMedia = ()
    metadata: FreeForm = {}

    def details(self) -> CategoryDetails:
        return CategoryDetails.model_validate(self.model_dump())


class CollectionView(BaseModel):
    slug: str
    name: str
    position: int
    media: list[MediaView]
    metadata: dict[str, Any]
    version: int


class CategoryView(CollectionView):
    parent: str | None


def show_category(category: Category, _now: datetime) -> CategoryView:
    if category.details is None:
        raise CategoryNotFound("There is no such category.")
    fields = category.details.model_dump()
    return CategoryView.model_validate({**fields, "slug": category.slug, "version": category.version})


def show_collection(collection: Collection, _now: datetime) -> CollectionView:
    if collection.details is None:
        raise CollectionNotFound("There is no such collection.")
    fields = collection.details.model_dump()
    return CollectionView.model_validate({**fields, "slug": collection.slug, "version": collection.version})
