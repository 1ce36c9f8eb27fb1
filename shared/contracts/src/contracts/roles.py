"""The roles of API keys, and groups of roles with the same rights. Every service accepts the same keys."""

from __future__ import annotations

STOREFRONT = "storefront"
ROLES = (STOREFRONT, "admin", "analyst", "ops", "service")
"""Every role that a key can have."""

SHOPPERS = (STOREFRONT, "service", "admin")
FOR_CUSTOMERS = (STOREFRONT, "service")
"""Act for customers, and for them alone."""
SERVICES = ("service", "admin")
ADMINS = ("admin",)
ANALYSTS = ("analyst", "admin")
OPERATORS = ("ops",)
REVIEWERS = ("admin", "ops")
"""May see which payments wait for a review."""
READERS = (STOREFRONT, "service", "admin", "ops")
"""May read single products, prices, stock, carts, checkouts and orders: every role but analyst."""
LISTERS = ("service", "admin", "ops")
"""May list carts, orders and promotions."""
PROJECTION_READERS = ("analyst", "admin", "ops")
MODELLERS = ("analyst", "admin", "ops")
"""May have statistical models run, and see their runs."""
