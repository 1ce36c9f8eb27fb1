"""All read models there are, in the order in which each batch is given to them."""

from __future__ import annotations

from typing import Any

from contracts.topics import TOPIC_OF
from projections.read_models.checkout_operations import CHECKOUT_OPERATIONS
from projections.read_models.conversion import CONVERSION
from projections.read_models.model import ReadModel
from projections.read_models.products import PRODUCTS

GROUP = "projections"
"""The one consumer group that brings all of them up to date."""

READ_MODELS: tuple[ReadModel[Any, Any], ...] = (CONVERSION, PRODUCTS, CHECKOUT_OPERATIONS)


def topics_of(*models: ReadModel[Any, Any]) -> list[str]:
    """The topics that these read models are made from."""
    return sorted({TOPIC_OF[it] for model in models for it in model.types})
