"""Rules for the cache of the catalogue."""

from __future__ import annotations

from uuid import UUID, uuid4

from cart.catalogue.cache import CatalogueCache
from cart.catalogue.domain.excerpt import CatalogueExcerpt, Wanted
from cart.catalogue.domain.products import Product
from cart.catalogue.domain.promotions import KnownPromotion
from contracts.product import Details, Price
from contracts.promotion import Terms
from pricing.from_contracts import promotion_of


def product() -> Product:
    details = Details(
        sku="mug", name="Mug", type="physical_product", prices=(Price(amount=1, currency="USD"),)
    )
    return Product(uuid4(), "active", details)


def promotion(key: str | None) -> KnownPromotion:
    promotion_id = uuid4()
    rule = promotion_of(promotion_id, Terms(code=key, kind="percentage", value="10"))
    return KnownPromotion(promotion_id, key, rule, disabled=False, used_up=False, spent=False)


def excerpt(*parts: Product | KnownPromotion) -> CatalogueExcerpt:
    products: dict[UUID, Product] = {it.product_id: it for it in parts if isinstance(it, Product)}
    promotions = {it.promotion_id: it for it in parts if isinstance(it, KnownPromotion)}
    return CatalogueExcerpt(products, promotions)


def test_parts_read_separately_are_returned_together_with_the_automatic_promotions() -> None:
    cache = CatalogueCache()
    mug, cup, ten, gift = product(), product(), promotion("ten"), promotion(None)
    cache.put("demo", excerpt(mug, gift))
    cache.put("demo", excerpt(cup, ten, gift))

    assert cache.get("demo", Wanted(products=[mug.product_id, cup.product_id])) == excerpt(mug, cup, gift)
    assert cache.get("demo", Wanted(promotions=[ten.promotion_id])) == excerpt(gift, ten)
    assert cache.get("demo", Wanted(codes=["ten"])) == excerpt(gift, ten)


def test_a_product_or_code_that_was_never_read_is_a_miss() -> None:
    cache = CatalogueCache()
    mug = product()
    cache.put("demo", excerpt(mug))

    assert cache.get("demo", Wanted(products=[mug.product_id, uuid4()])) is None
    assert cache.get("demo", Wanted(products=[mug.product_id], promotions=[uuid4()])) is None
    assert cache.get("demo", Wanted(products=[mug.product_id], codes=["ten"])) is None
    assert cache.get("rival", Wanted(products=[mug.product_id])) is None


def test_the_automatic_promotions_are_those_of_the_last_read() -> None:
    cache = CatalogueCache()
    mug = product()
    cache.put("demo", excerpt(mug, promotion(None)))
    cache.put("demo", excerpt(mug))

    assert cache.get("demo", Wanted(products=[mug.product_id])) == excerpt(mug)


def test_the_cache_is_cleared_when_it_is_full() -> None:
    cache = CatalogueCache(max_entries=2)
    mug, cup, pot = product(), product(), product()
    for entry in (mug, cup, pot):
        cache.put("demo", excerpt(entry))

    assert cache.get("demo", Wanted(products=[mug.product_id])) is None
    assert cache.get("demo", Wanted(products=[pot.product_id])) == excerpt(pot)
