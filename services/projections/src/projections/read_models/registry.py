"""All read models, in the order in which each batch is applied to them."""

from __future__ import annotations

from typing import Any

from contracts.topics import TOPIC_OF
from projections.read_models.checkout_operations import CHECKOUT_OPERATIONS
from projections.read_models.conversion import CONVERSION
from projections.read_models.model import ReadModel
from projections.read_models.products import PRODUCTS

GROUP = "projections"
"""The consumer group that feeds all read models."""

READ_MODELS: tuple[ReadModel[Any, Any], ...] = (CONVERSION, PRODUCTS, CHECKOUT_OPERATIONS)


def topics_of(*models: ReadModel[Any, Any]) -> list[str]:
    """The topics that these read models are built from."""
    return sorted({TOPIC_OF[type_] for model in models for type_ in model.types})
