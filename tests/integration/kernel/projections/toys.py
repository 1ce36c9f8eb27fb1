"""Read models of all three kinds, each about the same orders, and their tables. The counters are a family."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from contracts import order
from kernel.projections.counters import CounterModel, CounterTable, RowDeltas
from kernel.projections.folding import RowKey
from kernel.projections.model import ModelTable, ReadModel, day_of
from kernel.projections.rows import RowModel, RowValues
from kernel.projections.set_based import SetBasedModel
from kernel.projections.tables import NewTable, create_read_model

KnownFact = order.Created | order.Paid | order.Cancelled


class Order(BaseModel):
    order_id: UUID | None = None
    skus: list[str] = []
    total: int = 0
    paid_at: datetime | None = None
    cancelled: bool = False
    known_at: datetime | None = None
    """When the latest fact was recorded."""


def subject(fact: KnownFact) -> UUID:
    return fact.originator_id


def fold(state: Order, fact: KnownFact, occurred_at: datetime, recorded_at: datetime) -> None:
    state.order_id, state.known_at = fact.originator_id, recorded_at
    match fact:
        case order.Created():
            state.skus = sorted({line.sku for line in fact.sale.lines})
            state.total = fact.sale.totals.total
        case order.Paid():
            state.paid_at = occurred_at
        case order.Cancelled():
            state.cancelled = True


def by_sku(state: Order) -> RowDeltas:
    return {} if state.cancelled else {(sku,): (1,) for sku in state.skus}


def by_known_day(state: Order) -> RowDeltas:
    return {(day_of(state.known_at), state.cancelled): (1, state.total)} if state.known_at else {}


def rows(state: Order) -> Mapping[RowKey, RowValues]:
    """One for each SKU of an order that stands."""
    if state.order_id is None or state.cancelled:
        return {}
    return {(state.order_id, sku): (state.total, state.paid_at) for sku in state.skus}


FOLDING: dict[str, Any] = {"version": 1, "facts": (order.Created, order.Paid, order.Cancelled)}

COUNTERS: CounterModel[Order, KnownFact] = CounterModel(
    name="toy_count",
    **FOLDING,
    state=Order,
    subject=subject,
    fold=fold,
    counters=(
        CounterTable(name="toy_count", keys={"sku": "text"}, measures=("orders",), contributions=by_sku),
        CounterTable(
            name="toy_known",
            keys={"known": "date", "cancelled": "boolean"},
            measures=("orders", "total"),
            contributions=by_known_day,
        ),
    ),
)
ROWS: RowModel[Order, KnownFact] = RowModel(
    name="toy_list",
    **FOLDING,
    keys={"order_id": "uuid", "sku": "text"},
    columns={"total": "bigint", "paid_at": "timestamptz"},
    state=Order,
    subject=subject,
    fold=fold,
    rows=rows,
)
SET_BASED = SetBasedModel(
    name="toy_day",
    **FOLDING,
    own_tables=(ModelTable("toy_day", ("tenant", "day", "type"), ("facts", "latest")),),
    statements=(
        """
        INSERT INTO {schema}.toy_day AS t (tenant, day, type, facts, latest)
        SELECT tenant, (occurred_at AT TIME ZONE 'UTC')::date, type, count(*), max(occurred_at)
        FROM jsonb_to_recordset($1::jsonb) AS v (tenant text, type text, occurred_at timestamptz)
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        ON CONFLICT (tenant, day, type) DO UPDATE
        SET facts = t.facts + excluded.facts, latest = greatest(t.latest, excluded.latest)
        """,
    ),
)
KINDS: tuple[ReadModel, ...] = (COUNTERS, ROWS, SET_BASED)


def create_tables(connection: Any) -> None:
    """As a migration does it."""
    counts = (
        NewTable(
            "toy_known", {"known": "date", "cancelled": "boolean"}, {"orders": "bigint", "total": "bigint"}
        ),
        NewTable("toy_count", {"sku": "text"}, {"orders": "bigint"}),
    )
    create_read_model(connection, *counts, folding=True, name="toy_count")
    listed = NewTable(
        "toy_list",
        {"order_id": "uuid", "sku": "text"},
        {"total": "bigint", "paid_at": "timestamptz NULL"},
        indexes={"toy_list_by_total": "(tenant, total DESC)"},
        comments={"total": "In minor units: the shop's."},
    )
    create_read_model(connection, listed, folding=True)
    day = NewTable("toy_day", {"day": "date", "type": "text"}, {"facts": "bigint", "latest": "timestamptz"})
    create_read_model(connection, day, folding=False)
