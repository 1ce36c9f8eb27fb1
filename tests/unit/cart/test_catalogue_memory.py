"""What the cart remembers of the catalogue answers for what was read, and for nothing else."""

from __future__ import annotations

from uuid import UUID, uuid4

from cart.adapters.catalogue_cache import CatalogueCache
from cart.domain.catalogue import CatalogueSnapshot, KnownPromotion, Product
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


def excerpt(*parts: Product | KnownPromotion) -> CatalogueSnapshot:
    products: dict[UUID, Product] = {it.product_id: it for it in parts if isinstance(it, Product)}
    promotions = {it.promotion_id: it for it in parts if isinstance(it, KnownPromotion)}
    return CatalogueSnapshot(products, promotions)


def test_what_was_read_in_parts_is_told_as_a_whole_with_what_needs_no_code() -> None:
    memory = CatalogueCache()
    mug, cup, ten, gift = product(), product(), promotion("ten"), promotion(None)
    memory.keep("demo", excerpt(mug, gift))
    memory.keep("demo", excerpt(cup, ten, gift))

    assert memory.excerpt("demo", [mug.product_id, cup.product_id], [], None) == excerpt(mug, cup, gift)
    assert memory.excerpt("demo", [], [ten.promotion_id], None) == excerpt(gift, ten)
    assert memory.excerpt("demo", [], [], "ten") == excerpt(gift, ten)


def test_what_was_never_read_has_to_be() -> None:
    memory = CatalogueCache()
    mug = product()
    memory.keep("demo", excerpt(mug))

    assert memory.excerpt("demo", [mug.product_id, uuid4()], [], None) is None
    assert memory.excerpt("demo", [mug.product_id], [uuid4()], None) is None
    assert memory.excerpt("demo", [mug.product_id], [], "ten") is None
    assert memory.excerpt("rival", [mug.product_id], [], None) is None


def test_a_promotion_without_a_code_that_was_not_read_again_has_gone() -> None:
    memory = CatalogueCache()
    mug = product()
    memory.keep("demo", excerpt(mug, promotion(None)))
    memory.keep("demo", excerpt(mug))

    assert memory.excerpt("demo", [mug.product_id], [], None) == excerpt(mug)


def test_no_more_is_remembered_than_was_allowed() -> None:
    memory = CatalogueCache(most=2)
    mug, cup, pot = product(), product(), product()
    for one in (mug, cup, pot):
        memory.keep("demo", excerpt(one))

    assert memory.excerpt("demo", [mug.product_id], [], None) is None
    assert memory.excerpt("demo", [pot.product_id], [], None) == excerpt(pot)
