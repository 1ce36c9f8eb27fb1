"""Notices name what has changed as far as there is room, and memories forget only that."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from cart.catalogue import news
from cart.catalogue.cache import CatalogueCache
from cart.catalogue.domain.customers import KnownCustomer
from cart.catalogue.domain.excerpt import CatalogueExcerpt, Wanted
from cart.catalogue.news import MAX_IDS, News, read_notice
from tests.unit.cart.catalogues import FakeCatalogue, product
from tests.unit.cart.facts import LAMP, MUG
from tests.unit.cart.offers import KIT, MORE, offer, upsell

ALL = Wanted(products=[MUG, LAMP], offers=[KIT], upsells=[MORE], customers=["ann"])


def notice(*parts: tuple[str, str, Sequence[UUID | str]]) -> news.Notice | None:
    told = News()
    for tenant, kind, ids in parts:
        told.add(tenant, kind, ids)
    return read_notice(told.notice())


def test_up_to_a_hundred_ids_are_named() -> None:
    ids: list[UUID] = sorted(uuid4() for _ in range(MAX_IDS))
    assert notice(("demo", news.PRODUCT, ids)) == {"demo": {"product": [str(it) for it in ids]}}


def test_a_kind_with_more_ids_is_named_alone() -> None:
    many: list[UUID] = [uuid4() for _ in range(MAX_IDS + 1)]
    assert notice(("demo", news.PRODUCT, many), ("demo", news.OFFER, [KIT])) == {
        "demo": {"product": [], "offer": [str(KIT)]}
    }


def test_kinds_are_named_alone_if_all_ids_together_are_too_long() -> None:
    ids: list[UUID] = [uuid4() for _ in range(MAX_IDS)]
    kinds = (news.PRODUCT, news.OFFER, news.PROMOTION)
    assert notice(*(("demo", it, ids) for it in kinds)) == {"demo": {it: [] for it in kinds}}


def test_news_of_very_many_tenants_are_news_of_everything() -> None:
    assert notice(*((f"tenant-{number}", news.PRODUCT, [MUG]) for number in range(500))) is None


async def warm() -> CatalogueCache:
    cache = CatalogueCache()
    catalogue = FakeCatalogue(product(MUG), product(LAMP), offer(), upsell(), KnownCustomer("ann"))
    cache.put("demo", await catalogue.read("demo", ALL))
    assert cache.get("demo", ALL) is not None
    return cache


@pytest.mark.parametrize(
    ("kind", "ids", "forgotten"),
    [
        (news.PRODUCT, [LAMP], Wanted(products=[LAMP])),
        (news.PRODUCT, [], Wanted(products=[MUG])),
        (news.OFFER, [KIT], Wanted(offers=[KIT])),
        (news.OFFER, [KIT], Wanted(upsells=[MORE])),
        (news.CUSTOMER, ["ann"], Wanted(customers=["ann"])),
        (news.GENERAL, [], Wanted()),
        ("a kind of a newer release", [], Wanted()),
    ],
)
async def test_what_a_notice_names_is_forgotten(kind: str, ids: list[UUID], forgotten: Wanted) -> None:
    cache = await warm()
    cache.forget(notice(("demo", kind, ids)))
    assert cache.get("demo", forgotten) is None


async def test_what_a_notice_does_not_name_is_remembered() -> None:
    cache = await warm()
    told = notice(
        ("demo", news.PRODUCT, [uuid4()]), ("demo", news.CUSTOMER, ["bob"]), ("rival", news.PRODUCT, [])
    )
    cache.forget(told)
    seen = cache.get("demo", ALL)
    assert isinstance(seen, CatalogueExcerpt)
    assert set(seen.products) == {MUG, LAMP}
