"""What a shop does with its products: create, change, put on sale and take off sale.

A use case takes its input and the unit of work, and returns the aggregate that it has changed. What can be
refused is refused before anything is recorded, so that an import can go on with the next line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from contracts.product import Details, Price
from contracts.text import folded
from kernel import ids
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import ProductNotFound, SkuExists
from offer.catalogue.domain.plan_products import check_given_prices, with_terms, without_plan
from offer.catalogue.domain.product import Product
from offer.catalogue.domain.references import check_courses, check_prerequisites, course_product_ids
from offer.catalogue.domain.variants import (
    check_options_of_parent,
    check_variant,
    combination,
    same_options,
)
from offer.catalogue.ports import Plans, Seats

SKU = "sku"
LISTED = "product"
"""Kind of the unique key that every product claims with its own id; the list of products reads it."""
VARIANT = "variant"
"""Kind of the unique key of a variant: its parent's id and the digest of its options."""


@dataclass(frozen=True, slots=True)
class Family:
    """A product with its variants."""

    product: Product
    variants: Sequence[Product] = ()

    @property
    def version(self) -> int:
        return self.product.version


async def find_product(product_id: UUID, work: UnitOfWork) -> Product:
    """A product of the tenant, whatever its status. Raises ``ProductNotFound``."""
    product = await work.open(Product, product_id)
    if not product.exists:
        raise ProductNotFound("There is no such product.")
    return product


async def variants_of(product_id: UUID, work: UnitOfWork) -> list[Product]:
    """The variants of a product, the oldest first."""
    keys = await work.keys_with_prefix(VARIANT, f"{product_id}:")
    found = await work.open_many(Product, sorted(keys.values()))
    return list(found.values())


async def for_sale(product_ids: Iterable[UUID], work: UnitOfWork) -> dict[UUID, Product]:
    """Those of the products that are sold themselves: active ones without active variants."""
    active = {key: it for key, it in (await work.open_many(Product, product_ids)).items() if it.is_active}
    for key in [key for key, it in active.items() if it.may_have_variants]:
        if any(it.is_active for it in await variants_of(key, work)):
            del active[key]
    return active


async def family_of(product: Product, work: UnitOfWork) -> Family:
    return Family(product, await variants_of(product.id, work))


async def find_family(product_id: UUID, work: UnitOfWork) -> Family:
    """Raises ``ProductNotFound``."""
    return await family_of(await find_product(product_id, work), work)


async def parent_of(product: Product, work: UnitOfWork) -> Product | None:
    parent_id = product.details.variant_of
    return None if parent_id is None else await work.open(Product, parent_id)


async def create_product(details: Details, work: UnitOfWork, seats: Seats, plans: Plans) -> Product:
    """A draft, with a SKU of its own. Raises ``Invalid``, ``SkuExists``, and what a plan
    refuses."""
    product = work.create(Product, ids.new_id())
    if details.variant_of is not None and not details.type:
        parent = await work.open(Product, details.variant_of)
        details = details.model_copy(update={"type": parent.details.type})
    details = await _with_plan(product, details, details.prices, work, plans)
    await _check_others(details, product, work)
    await _check_sku(details.sku, work)
    await _check_options(details, work)
    product.create(details)
    work.claim_key(SKU, folded(details.sku), product.id)
    if variant_key := _variant_key(details):
        work.claim_key(VARIANT, variant_key, product.id)
    work.claim_key(LISTED, str(product.id), product.id)
    await plans.move(product.id, None, details.plan_id, work)
    await seats(product.id, None, details.enrollment_limit, work)
    return product


@dataclass(frozen=True, slots=True)
class ChangeProduct:
    product_id: UUID
    fields: Mapping[str, Any]
    """Fields of ``Details``; a field that is left out keeps its value."""


async def change_product(command: ChangeProduct, work: UnitOfWork, seats: Seats, plans: Plans) -> Product:
    """Raises ``ProductNotFound``, ``Invalid``, ``SkuExists``, and what a plan refuses."""
    product = await find_product(command.product_id, work)
    old = product.details
    new = Details.model_validate({**old.model_dump(), **command.fields})
    given = new.prices if "prices" in command.fields else ()
    new = await _with_plan(product, new, given, work, plans)
    has_new_sku, has_new_options = folded(new.sku) != folded(old.sku), _variant_key(new) != _variant_key(old)
    await _check_others(new, product, work)
    if has_new_sku:
        await _check_sku(new.sku, work)
    if has_new_options:
        await _check_options(new, work)
    product.change(new)
    if has_new_sku:
        work.claim_key(SKU, folded(new.sku), product.id)
        await _release_sku(old.sku, product, work)
    if has_new_options:
        if key := _variant_key(new):
            work.claim_key(VARIANT, key, product.id)
        if key := _variant_key(old):
            work.release_key(VARIANT, key)
    await plans.move(product.id, old.plan_id, new.plan_id, work)
    await seats(product.id, old.enrollment_limit, new.enrollment_limit, work)
    return product


async def activate_product(product_id: UUID, work: UnitOfWork, plans: Plans) -> Product:
    """Put it on sale. Raises ``ProductNotFound``, ``Invalid`` and ``PlanNotActive``."""
    product = await find_product(product_id, work)
    if product.details.plan_id is not None and not product.is_active:
        await plans.terms_of(product.details.plan_id, product.id, work)
    parent = await parent_of(product, work)
    await _check_others(product.details, product, work)
    product.activate(None if parent is None else parent.details)
    return product


async def archive_product(product_id: UUID, work: UnitOfWork) -> Product:
    """Take it off sale; it can be activated again. Raises ``ProductNotFound``."""
    product = await find_product(product_id, work)
    product.archive()
    return product


async def claim_again(product: Product, work: UnitOfWork) -> None:
    """Claim the keys of a product whose facts have been recovered."""
    sku = product.details.sku
    key = sku if await work.owner_of_key(SKU, sku) == product.id else folded(sku)
    work.claim_key(SKU, key, product.id)
    work.claim_key(LISTED, str(product.id), product.id)
    if variant_key := _variant_key(product.details):
        work.claim_key(VARIANT, variant_key, product.id)


async def _with_plan(
    product: Product, new: Details, given: tuple[Price, ...], work: UnitOfWork, plans: Plans
) -> Details:
    """The new details, with the plan's prices. ``given``: by the caller. Raises ``PlanPriceDiffers``, and
    what ``Plans.terms_of`` raises."""
    old = product.details
    if new.plan_id is None:
        return new if old.plan_id is None else without_plan(new)
    if new.plan_id == old.plan_id:
        kept = new.model_copy(update={"prices": old.prices})
    else:
        kept = with_terms(new, await plans.terms_of(new.plan_id, product.id, work))
    check_given_prices(given, kept.prices)
    return kept


async def _check_others(details: Details, product: Product, work: UnitOfWork) -> None:
    """Check what the details say of other products. Raises ``Invalid``."""
    check_prerequisites(details, product.id)
    if course_ids := course_product_ids(details):
        check_courses(details, await work.open_many(Product, course_ids))
    if details.variant_of is not None:
        parent = await work.open(Product, details.variant_of)
        is_new = details.variant_of != product.details.variant_of
        is_parent = is_new and product.exists and bool(await variants_of(product.id, work))
        check_variant(details, product.id, parent, is_parent=is_parent)
    elif product.exists and details.options != product.details.options:
        check_options_of_parent(details, await variants_of(product.id, work))


def _variant_key(details: Details) -> str | None:
    if details.variant_of is None:
        return None
    return f"{details.variant_of}:{combination(details)}"


async def _check_options(details: Details, work: UnitOfWork) -> None:
    """Raises ``Invalid`` if another variant of the same product has the same options."""
    key = _variant_key(details)
    if key is not None and await work.owner_of_key(VARIANT, key):
        raise same_options()


async def _check_sku(sku: str, work: UnitOfWork) -> None:
    """Raises ``SkuExists``. SKUs that differ only in case or in invisible characters are equal."""
    if await work.owner_of_key(SKU, folded(sku)):
        raise SkuExists(f"Another product has the SKU {sku}.", sku=sku)


async def _release_sku(sku: str, product: Product, work: UnitOfWork) -> None:
    """Release the folded key if this product owns it, or else the SKU as typed.

    Of several products whose SKUs became equal when SKUs began to be folded, one owns the folded key; the
    others keep a key as typed.
    """
    key = folded(sku)
    work.release_key(SKU, key if await work.owner_of_key(SKU, key) == product.id else sku)
