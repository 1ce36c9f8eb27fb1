"""Request ids: the same request under the same id is executed once, as long as the provider keeps the id."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta

from simulators.paypal.books import Books
from simulators.paypal.errors import Refusal
from simulators.provider.ledger import Document

ORDER_LIFE = timedelta(hours=6)
PAYMENT_LIFE = timedelta(days=45)


def once(
    books: Books, request_id: str | None, path: str, body: Document, act: Callable[[], Document]
) -> Document:
    """The answer of the first request under this id. Raises ``Refusal`` if the id was used for another
    request. A refused request leaves no id behind."""
    if not request_id:
        return act()
    name = f"{books.merchant} {request_id}"
    now = books.ledger.now().timestamp()
    digest = hashlib.sha256(f"{path}\n{json.dumps(body, sort_keys=True)}".encode()).hexdigest()
    known = books.ledger.get("request", name)
    if known and known["until"] > now:
        if known["digest"] != digest:
            raise Refusal("DUPLICATE_REQUEST_ID")
        answer: Document = known["answer"]
        return answer
    answer = act()
    life = ORDER_LIFE if path.startswith("/v2/checkout/") else PAYMENT_LIFE
    books.ledger.put(
        "request", name, {"digest": digest, "answer": answer, "until": now + life.total_seconds()}
    )
    return answer
