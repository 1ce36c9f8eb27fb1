"""Ask the billing package and the oracle about one case, and compare every boundary and amount."""

from __future__ import annotations

from tests.unit.billing.oracle.cases import Case
from tests.unit.billing.oracle.of_invoices import compare_invoice, compare_usage
from tests.unit.billing.oracle.of_marketplaces import compare_order
from tests.unit.billing.oracle.of_subscriptions import compare_subscription


def compare(case: Case) -> None:
    """Raises ``AssertionError`` where the two differ, or where amounts do not add up."""
    compare_subscription(case)
    compare_usage(case)
    compare_invoice(case)
    compare_order(case)
