"""The transaction search: what has moved, as of a few hours ago."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from simulators.paypal.books import Books
from simulators.paypal.errors import Refusal
from simulators.provider.ledger import Document

LONGEST = timedelta(days=31)
INTERNAL = frozenset({"merchant", "visible_at", "at"})


def search(books: Books, query: Mapping[str, str]) -> Document:
    """A page of the transactions whose time is in [start_date, end_date]. Raises ``Refusal``."""
    try:
        start, end = (datetime.fromisoformat(query[it]) for it in ("start_date", "end_date"))
        size, page = int(query.get("page_size", "100")), int(query.get("page", "1"))
    except (KeyError, ValueError):
        raise Refusal("INVALID_PARAMETER_VALUE", 400) from None
    if end - start > LONGEST or not 1 <= size <= 500 or page < 1:
        raise Refusal("INVALID_PARAMETER_VALUE", 400)
    now = books.ledger.now().timestamp()
    found = [
        {"transaction_info": {name: value for name, value in it.items() if name not in INTERNAL}}
        for it in books.all("transaction")
        if it["visible_at"] <= now and start.timestamp() <= it["at"] <= end.timestamp()
    ]
    return {
        "transaction_details": found[(page - 1) * size : page * size],
        "page": page,
        "total_items": len(found),
        "total_pages": max(1, -(-len(found) // size)),
        "last_refreshed_datetime": query["end_date"],
    }
