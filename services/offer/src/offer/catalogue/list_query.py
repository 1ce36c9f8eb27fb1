"""Searches of products. All products, and those with given ids or SKUs, are found by unique keys, which are
as new as the log; others in the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from kernel.postgres.service_pool import ServicePool
from kernel.store.unique_keys import list_unique_keys
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.listing import ListedProduct, ProductSearch, SortKey, listed, page_of
from offer.catalogue.domain.product import Product
from offer.catalogue.use_cases import LISTED, SKU

LAST_CHARACTER = "\U0010ffff"
OF_KIND = "p.product_id IN (SELECT product_id FROM product_list_terms WHERE tenant = $1 AND kind = "
JOIN_PRICES = """
    JOIN product_list_prices x ON (x.tenant, x.product_id) = (p.tenant, p.product_id) AND x.currency = {}
"""
KEYS = {"created": "''::text", "name": "p.name_key", "price": "x.amount"}


class Found(NamedTuple):
    product_id: UUID
    key: SortKey
    """What the search sorts by; equal ones are sorted by id."""


After = tuple[SortKey, UUID] | None


# failpoint: none needed (read-only)
async def search_table(
    pool: ServicePool, tenant: str, search: ProductSearch, after: After, limit: int
) -> list[Found]:
    """A page of what the table holds, which is at most a second behind the log."""
    query = _Query(search)
    rows = await pool.fetch_for_tenant(tenant, query.text(after, limit), *query.arguments)
    return [Found(row["product_id"], row["key"]) for row in rows]


async def all_products(pool: ServicePool, tenant: str, after: After, limit: int) -> list[Found]:
    """A page of all products, the oldest first, as new as the log."""
    start = "" if after is None else str(after[1])
    keys = await list_unique_keys(pool, tenant, LISTED, after=start, limit=limit)
    return [Found(it.owner, "") for it in keys]


async def search_named(work: UnitOfWork, search: ProductSearch, after: After, limit: int) -> list[Found]:
    """A page of the products with these ids or SKUs that the other filters keep."""
    named = search.ids
    if search.sku_keys:
        owners = set((await work.owners_of_keys(SKU, search.sku_keys)).values())
        named = frozenset(named & owners if named else owners)
    products = [it for it in (await work.open_many(Product, sorted(named))).values() if it.exists]
    parent_ids = {it.details.variant_of for it in products if it.details.variant_of is not None}
    parents = await work.open_many(Product, sorted(parent_ids))
    rows = [as_listed(it, parents) for it in products]
    return [Found(it.product_id, search.key_of(it)) for it in page_of(rows, search, after, limit)]


def as_listed(product: Product, parents: Mapping[UUID, Product]) -> ListedProduct:
    """As searches see it. ``parents``: of variants, by id."""
    parent_id = product.details.variant_of
    parent = None if parent_id is None else parents[parent_id].details
    return listed(product.id, product.status, product.details, parent)


class _Query:
    """The statement of a search; ``$1`` is the tenant."""

    def __init__(self, search: ProductSearch) -> None:
        self.arguments: list[Any] = []
        self._search = search
        self._join = ""
        self._where = ["p.tenant = $1"]
        for word in sorted(search.words):
            low, high = self._bind(word), self._bind(word + LAST_CHARACTER)
            self._where.append(f"{OF_KIND}'word' AND value >= {low} AND value < {high})")
        if search.collections:
            values = self._bind(sorted(search.collections))
            self._where.append(f"{OF_KIND}'collection' AND value = ANY({values}))")
        if search.only_active:
            self._where.append("p.status = 'active'")
        for column, allowed in (
            ("status", search.statuses),
            ("type", search.types),
            ("category", search.categories),
            ("brand", search.brands),
            ("vendor_id", search.vendor_ids),
            ("variant_of", search.variants_of),
        ):
            if allowed:
                self._where.append(f"p.{column} = ANY({self._bind(sorted(allowed))})")
        if search.currency is not None:
            self._join = JOIN_PRICES.format(self._bind(search.currency))
            for comparison, bound in ((">=", search.price_min), ("<=", search.price_max)):
                if bound is not None:
                    self._where.append(f"x.amount {comparison} {self._bind(bound)}")

    def text(self, after: After, limit: int) -> str:
        key, descending = KEYS[self._search.sort], self._search.descending
        direction = "DESC" if descending else "ASC"
        by_id = self._search.sort == "created"
        order = f"p.product_id {direction}" if by_id else f"{key} {direction}, p.product_id"
        where = [*self._where, *self._behind(key, after, is_below=descending)]
        return (
            f"SELECT p.product_id, {key} AS key FROM product_list p {self._join} "  # noqa: S608 (names of columns alone; values are bound)
            f"WHERE {' AND '.join(where)} ORDER BY {order} LIMIT {self._bind(limit)}"
        )

    def _behind(self, key: str, after: After, *, is_below: bool) -> list[str]:
        if after is None:
            return []
        comparison = "<" if is_below else ">"
        if self._search.sort == "created":
            return [f"p.product_id {comparison} {self._bind(after[1])}"]
        value, product_id = self._bind(after[0]), self._bind(after[1])
        return [f"({key} {comparison} {value} OR ({key} = {value} AND p.product_id > {product_id}))"]

    def _bind(self, value: object) -> str:
        self.arguments.append(value)
        return f"${len(self.arguments) + 1}"
