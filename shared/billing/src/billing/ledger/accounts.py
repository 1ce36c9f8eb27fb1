"""Accounts of the ledger that subscriptions and marketplaces add to those of ``pricing.ledger.postings``."""

COMMISSION = "commission"
"""What the platform keeps of vendors' sales."""
CUSTOMER_CREDIT = "customer_credit"
"""What customers have paid or been credited, and not used yet."""
PAYOUTS_IN_TRANSIT = "payouts_in_transit"
PROMOTIONS = "promotions"
"""What of vendors' discounts the platform bears."""
SUBSCRIPTIONS = "sales.subscriptions"


def of_vendor(vendor_id: str) -> str:
    """What is owed to a vendor."""
    return f"vendor.{vendor_id}"
