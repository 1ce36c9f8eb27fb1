"""The routes of categories and collections."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from fastapi import Response

from contracts.roles import ADMINS, READERS
from kernel.http.dependencies import QueryRequest, Read, Write
from kernel.http.handlers import UseCase, View, remove, show
from kernel.http.idempotent_commands import CommandRequest
from kernel.http.paging import Page, Paged, Paging, expired_cursor
from kernel.http.requests import UntrimmedText
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import Invalid
from offer.categories import use_cases
from offer.categories.domain.errors import CategoryNotFound, CollectionNotFound
from offer.categories.domain.groups import Category, Collection
from offer.categories.schemas import (
    CategoryBody,
    CategoryView,
    CollectionBody,
    CollectionView,
    SlugInPath,
    show_category,
    show_collection,
)

G = TypeVar("G", Category, Collection)


async def set_category(slug: SlugInPath, body: CategoryBody, write: Write) -> Response:
    """Create or replace a category."""
    change = partial(use_cases.set_category, slug, body.details())
    return await _set(write, partial(use_cases.open_category, slug), change, show_category)


async def get_category(slug: UntrimmedText, read: Read) -> Response:
    """Get a category."""
    return await show(read, use_cases.find_category, slug, show_category)


async def list_categories(read: Read, paging: Paged) -> Response:
    """List categories depth first: each before those below it, siblings by position and name."""
    return await _list(read, paging, use_cases.all_categories, show_category)


async def remove_category(slug: UntrimmedText, write: Write) -> Response:
    """Remove a category. Those below it stand at the top then; products keep its slug."""
    return await remove(write, use_cases.find_category, slug, partial(use_cases.remove_category, slug))


async def set_collection(slug: SlugInPath, body: CollectionBody, write: Write) -> Response:
    """Create or replace a collection."""
    change = partial(use_cases.set_collection, slug, body.details())
    return await _set(write, partial(use_cases.open_collection, slug), change, show_collection)


async def get_collection(slug: UntrimmedText, read: Read) -> Response:
    """Get a collection."""
    return await show(read, use_cases.find_collection, slug, show_collection)


async def list_collections(read: Read, paging: Paged) -> Response:
    """List collections by position and name."""
    return await _list(read, paging, use_cases.all_collections, show_collection)


async def remove_collection(slug: UntrimmedText, write: Write) -> Response:
    """Remove a collection; products keep its slug."""
    return await remove(write, use_cases.find_collection, slug, partial(use_cases.remove_collection, slug))


async def _set(write: CommandRequest, open_group: UseCase[G], change: UseCase[G], view: View[G]) -> Response:
    """201 if it is new."""

    async def act(work: UnitOfWork) -> Result:
        group = await open_group(work)
        write.check(group)
        status = 201 if group.details is None else 200
        group = await change(work)
        return Result(view(group, work.now), group.version, status=status)

    return await write.run(act)


async def _list(
    read: QueryRequest,
    paging: Paging,
    load: Callable[[UnitOfWork], Awaitable[Sequence[G]]],
    view: View[G],
) -> Response:
    after = paging.after(str)

    async def act(work: UnitOfWork) -> Result:
        found = list(await load(work))
        slugs = [it.slug for it in found]
        if after and after[0] not in slugs:
            raise expired_cursor()
        start = slugs.index(after[0]) + 1 if after else 0
        rows = found[start : start + paging.more]
        return Result(paging.page(rows, key=lambda it: [it.slug], show=lambda it: view(it, work.now)))

    return await read.run(act)


CATEGORIES, COLLECTIONS = "/v1/categories", "/v1/collections"
CATEGORY, COLLECTION = f"{CATEGORIES}/{{slug}}", f"{COLLECTIONS}/{{slug}}"
NO_CATEGORY, NO_COLLECTION = (CategoryNotFound,), (CollectionNotFound,)
CREATED: Mapping[int | str, Any] = {201: {"description": "It was created"}}
REMOVED: Mapping[int | str, Any] = {204: {"description": "It is removed"}}
ROUTES = RouteTable(
    "categories",
    (
        Route("GET", CATEGORIES, list_categories, READERS, Page[CategoryView]),
        Route("PUT", CATEGORY, set_category, ADMINS, CategoryView, (Invalid,), responses=CREATED),
        Route("GET", CATEGORY, get_category, READERS, CategoryView, NO_CATEGORY),
        Route("DELETE", CATEGORY, remove_category, ADMINS, None, NO_CATEGORY, status=204, responses=REMOVED),
        Route("GET", COLLECTIONS, list_collections, READERS, Page[CollectionView]),
        Route("PUT", COLLECTION, set_collection, ADMINS, CollectionView, responses=CREATED),
        Route("GET", COLLECTION, get_collection, READERS, CollectionView, NO_COLLECTION),
        Route(
            "DELETE",
            COLLECTION,
            remove_collection,
            ADMINS,
            None,
            NO_COLLECTION,
            status=204,
            responses=REMOVED,
        ),
    ),
)
