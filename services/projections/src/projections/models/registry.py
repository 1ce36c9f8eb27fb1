"""All read models, in the order in which each batch is applied to them."""

from __future__ import annotations

from contracts.topics import MESSAGES
from contracts.topology import PARTITIONS
from kernel.projections.registry import ProjectionRegistry
from projections.models.campaign_costs.model import CAMPAIGN_COSTS
from projections.models.carts.model import CARTS
from projections.models.checkout_operations.model import CHECKOUT_OPERATIONS
from projections.models.conversion.model import CONVERSION
from projections.models.erased_customers.model import ERASED_CUSTOMERS
from projections.models.experiment_variants.model import EXPERIMENT_VARIANTS
from projections.models.labels.model import LABELS
from projections.models.ledger.model import LEDGER
from projections.models.offer_activity.model import OFFER_ACTIVITY
from projections.models.orders.model import ORDERS
from projections.models.referrals.model import REFERRALS

REGISTRY = ProjectionRegistry(
    group="projections",
    models=(
        *(CONVERSION, ORDERS, CHECKOUT_OPERATIONS, LEDGER),
        *(CARTS, OFFER_ACTIVITY, REFERRALS, CAMPAIGN_COSTS, LABELS, EXPERIMENT_VARIANTS),
        ERASED_CUSTOMERS,
    ),
    messages=MESSAGES,
    partitions=PARTITIONS,
)
