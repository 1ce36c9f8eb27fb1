"""All read models, in the order in which each batch is applied to them."""

from __future__ import annotations

from contracts.topics import MESSAGES
from contracts.topology import PARTITIONS
from kernel.projections.registry import ProjectionRegistry
from projections.models.checkout_operations.model import CHECKOUT_OPERATIONS
from projections.models.conversion.model import CONVERSION
from projections.models.products.model import PRODUCTS

REGISTRY = ProjectionRegistry(
    group="projections",
    models=(CONVERSION, PRODUCTS, CHECKOUT_OPERATIONS),
    messages=MESSAGES,
    partitions=PARTITIONS,
)
