"""What a shop does with its categories and collections: set, read and remove them."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from contracts.category import CategoryDetails
from contracts.collection import CollectionDetails
from kernel.unit_of_work import UnitOfWork
from offer.categories.domain.errors import CategoryNotFound, CollectionNotFound
from offer.categories.domain.groups import Category, Collection, category_id, collection_id
from offer.categories.domain.tree import check_place, depth_first

CATEGORY, COLLECTION = "category", "collection"
"""Kinds of the unique keys that categories and collections hold: their slugs. The lists read them."""
TREE = "category_tree"
"""Kind of the unique key that counts changes of the tree: of two changes at once, one runs again and sees the
other, so that two moves make no cycle."""


async def find_category(slug: str, work: UnitOfWork) -> Category:
    """Raises ``CategoryNotFound``."""
    category = await work.open(Category, category_id(work.context.tenant, slug))
    if category.details is None:
        raise CategoryNotFound(f"There is no category {slug}.")
    return category


async def open_category(slug: str, work: UnitOfWork) -> Category:
    """The category, which may not exist yet."""
    return await work.open(Category, category_id(work.context.tenant, slug))


async def all_categories(work: UnitOfWork) -> list[Category]:
    """Depth first, siblings by position and name."""
    keys = await work.keys_with_prefix(CATEGORY, "")
    found = await work.open_many(Category, keys.values())
    by_slug = {it.slug: it for it in found.values()}
    return [by_slug[slug] for slug in depth_first(_details(by_slug))]


async def set_category(slug: str, details: CategoryDetails, work: UnitOfWork) -> Category:
    """Raises ``Invalid``."""
    category = await open_category(slug, work)
    old = category.details
    if old is None or old.parent != details.parent:
        others = {it.slug: it for it in await all_categories(work) if it.slug != slug}
        check_place(slug, details, _details(others))
        await _count_change_of_tree(category.id, work)
    if old is None:
        work.claim_key(CATEGORY, slug, category.id)
    category.set(slug, details)
    return category


async def remove_category(slug: str, work: UnitOfWork) -> Category:
    """Those below it stand at the top then. Raises ``CategoryNotFound``."""
    category = await find_category(slug, work)
    category.remove()
    work.release_key(CATEGORY, slug)
    return category


async def find_collection(slug: str, work: UnitOfWork) -> Collection:
    """Raises ``CollectionNotFound``."""
    collection = await open_collection(slug, work)
    if collection.details is None:
        raise CollectionNotFound(f"There is no collection {slug}.")
    return collection


async def open_collection(slug: str, work: UnitOfWork) -> Collection:
    """The collection, which may not exist yet."""
    return await work.open(Collection, collection_id(work.context.tenant, slug))


async def all_collections(work: UnitOfWork) -> list[Collection]:
    """By position and name."""
    keys = await work.keys_with_prefix(COLLECTION, "")
    found = (await work.open_many(Collection, keys.values())).values()
    named = [(it.details.position, it.details.name, it.slug, it) for it in found if it.details is not None]
    return [row[3] for row in sorted(named, key=lambda row: row[:3])]


async def set_collection(slug: str, details: CollectionDetails, work: UnitOfWork) -> Collection:
    collection = await open_collection(slug, work)
    if collection.details is None:
        work.claim_key(COLLECTION, slug, collection.id)
    collection.set(slug, details)
    return collection


async def remove_collection(slug: str, work: UnitOfWork) -> Collection:
    """Raises ``CollectionNotFound``."""
    collection = await find_collection(slug, work)
    collection.remove()
    work.release_key(COLLECTION, slug)
    return collection


async def claim_category_again(category: Category, work: UnitOfWork) -> None:
    """Claim the key of a category whose facts have been recovered."""
    if category.details is not None:
        work.claim_key(CATEGORY, category.slug, category.id)


async def claim_collection_again(collection: Collection, work: UnitOfWork) -> None:
    """Claim the key of a collection whose facts have been recovered."""
    if collection.details is not None:
        work.claim_key(COLLECTION, collection.slug, collection.id)


async def _count_change_of_tree(holder: UUID, work: UnitOfWork) -> None:
    counted = [int(it) for it in await work.keys_with_prefix(TREE, "")]
    for number in counted:
        work.release_key(TREE, str(number))
    work.claim_key(TREE, str(max(counted, default=0) + 1), holder)


def _details(categories: Mapping[str, Category]) -> dict[str, CategoryDetails]:
    return {slug: it.details for slug, it in categories.items() if it.details is not None}
