"""Customers for tests: those whose profile a test gives, and strangers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from offer.customers.domain import CustomerProfile


class FakeCustomers:
    """Implements ``offer.customers.domain.Customers``."""

    def __init__(self, *known: CustomerProfile) -> None:
        self._known = {it.customer_id: it for it in known}

    async def read(self, _tenant: str, customer_ids: Iterable[str]) -> Mapping[str, CustomerProfile]:
        return {it: self._known.get(it, CustomerProfile(it)) for it in customer_ids}
