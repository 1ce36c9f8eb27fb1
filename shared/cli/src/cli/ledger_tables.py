"""Tables of the money ledger. Amounts are minor units."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.table import Column, Table

View = Mapping[str, Any]


def balances_table(balances: Iterable[View]) -> Table:
    table = Table(Column("account", no_wrap=True), "currency", *_amounts("debit", "credit", "balance"))
    for it in balances:
        amounts = (f"{it[name]['amount']:,}" for name in ("debit", "credit", "balance"))
        table.add_row(it["account"], it["currency"], *amounts)
    return table


def entries_table(entries: Iterable[View]) -> Table:
    amounts = _amounts("debit", "credit")
    table = Table("occurred at", "fact", "currency", *amounts, Column("checkout", no_wrap=True))
    for it in entries:
        sides = (f"{it[name]['amount']:,}" if it[name]["amount"] else "" for name in ("debit", "credit"))
        when, checkout = it["occurred_at"][:19].replace("T", " "), it["checkout_id"] or ""
        table.add_row(when, it["type"], it["currency"], *sides, checkout)
    return table


def _amounts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, justify="right", no_wrap=True) for name in names)
