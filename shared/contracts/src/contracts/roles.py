"""The roles of API keys, and groups of roles with the same rights. Every service accepts the same keys."""

from __future__ import annotations

ROLES = ("storefront", "admin", "analyst", "ops", "service")
"""Every role that a key can have."""

SHOPPERS = ("storefront", "service", "admin")
SERVICES = ("service", "admin")
ADMINS = ("admin",)
ANALYSTS = ("analyst", "admin")
OPERATORS = ("ops",)
READERS = ("storefront", "service", "admin", "ops")
"""May read single products, prices, stock, carts, checkouts and orders: every role but analyst."""
LISTERS = ("service", "admin", "ops")
"""May list carts, orders and promotions."""
PROJECTION_READERS = ("analyst", "admin", "ops")
