"""Each sale, worked out again from the catalogue's facts as of its confirmation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from sqlite3 import Row as Record
from typing import Any

from verify.check import Check, Row, ViolationQuery
from verify.checks.sales.catalogue import Catalogue, Json
from verify.checks.sales.catalogue_at import CatalogueAt
from verify.checks.sales.discounts import discount_difference
from verify.checks.sales.sale import Difference, Sale, lines_of
from verify.checks.sales.shipping import shipping_difference
from verify.checks.sales.taxes import tax_difference
from verify.checks.sales.unit_prices import price_difference
from verify.dataset.dataset import Dataset

READ_WITHIN = 60.0
"""The catalogue that a price was confirmed by may be that of so many seconds before the fact that says so."""
SALES = """
    SELECT s.tenant, s.cart_id, s.checkout_id, l.body AS locked, c.position AS confirmed, c.recorded_at,
           r.body AS held, a.body AS applied
    FROM sold s JOIN log l ON l.service = 'cart' AND l.position = s.locked_at
    JOIN log c ON c.service = 'offer' AND c.position = s.confirmed_at
    LEFT JOIN log r ON r.service = 'offer' AND r.position = s.held_at
    LEFT JOIN log a ON a.service = 'offer' AND a.position = s.applied_at
"""


def differences(dataset: Dataset) -> Iterator[Row]:
    catalogue = Catalogue(dataset.sql)
    for row in dataset.sql.execute(SALES):
        sale = Sale(json.loads(row["locked"])["sale"], _rewards(row["applied"]))
        if found := _difference(sale, row, catalogue):
            yield {
                **found._asdict(),
                "sold": json.dumps(found.sold),
                "expected": json.dumps(found.expected),
                **{name: row[name] for name in ("tenant", "cart_id", "checkout_id")},
            }


def _difference(sale: Sale, row: Record, catalogue: Catalogue) -> Difference | None:
    """None if the sale is right by the catalogue of any moment at which it may have been confirmed."""
    read: set[str] = set()
    held = frozenset(it["campaign_id"] for it in _fields(row["held"]).get("campaigns", ()))

    def by(before: int, at: datetime) -> Difference | None:
        return difference(sale, CatalogueAt(catalogue, row["tenant"], before, at, held, read))

    confirmed = datetime.fromtimestamp(row["recorded_at"], UTC)
    priced_at = sale.body.get("priced_at")
    moments = [datetime.fromisoformat(priced_at), confirmed] if priced_at else [confirmed]
    first = by(row["confirmed"], moments[0])
    if first is None:
        return None
    changes = {
        fact.position
        for stream_id in tuple(read)
        for fact in catalogue.facts(stream_id)
        if fact.position < row["confirmed"] and fact.recorded_at > row["recorded_at"] - READ_WITHIN
    }
    others = ((before, at) for before in (row["confirmed"], *sorted(changes, reverse=True)) for at in moments)
    return None if any(by(*other) is None for other in others) else first


def difference(sale: Sale, catalogue: CatalogueAt) -> Difference | None:
    """How the sale differs from what the catalogue makes of its lines."""
    lines = lines_of(sale, catalogue)
    if isinstance(lines, Difference):
        return lines
    parts = (price_difference, discount_difference, shipping_difference, tax_difference)
    return next(filter(None, (it(sale, lines, catalogue) for it in parts)), None)


def _fields(body: str | None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(body) if body else {}
    return found


def _rewards(body: str | None) -> dict[str, Json] | None:
    if body is None:
        return None
    return {it["promotion_id"]: it for it in _fields(body)["discounts"]}


B2 = Check(
    "B2",
    "The unit prices, discounts, shipping and taxes of each sale are those that the catalogue's facts give.",
    "SELECT count(*) FROM sold WHERE confirmed_at IS NOT NULL",
    (ViolationQuery("a sale that the catalogue's facts do not give", differences),),
)

CHECKS = (B2,)
