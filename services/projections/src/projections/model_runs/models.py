"""The models that are run, and how many customers they need. Plain data: the service reads it, too."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CUSTOMER_VALUE: Final = "customer_value"
CUSTOMER_SEGMENTS: Final = "customer_segments"
FORECASTS: Final = "forecasts"

VERSIONS: Mapping[str, int] = MappingProxyType({CUSTOMER_SEGMENTS: 1, CUSTOMER_VALUE: 1, FORECASTS: 1})
"""By model, in the order in which they are run. The version is raised where a model's numbers change."""

HORIZON_DAYS = 90
"""In which a customer's next orders are expected, and the length of the hold-out."""
MIN_CUSTOMERS = 200
MIN_REPEATERS = 100
"""Customers with a second day with an order: without them a fit says more of chance than of customers."""
