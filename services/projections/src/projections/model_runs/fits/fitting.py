"""Fit a model to the sales of a shop. Here numpy and scipy are loaded: only a worker imports this."""

from __future__ import annotations

from datetime import date

from projections.model_runs.fits import customer_segments, customer_value, forecasts
from projections.model_runs.fits.outcome import Outcome
from projections.model_runs.models import CUSTOMER_SEGMENTS, CUSTOMER_VALUE, FORECASTS
from projections.model_runs.sales import Sales


def fit(model: str, sales: Sales, today: date) -> Outcome:
    """Raises ``TooFew`` or ``NotFitted``."""
    match model:
        case str(it) if it == CUSTOMER_VALUE:
            return customer_value.fit(sales)
        case str(it) if it == CUSTOMER_SEGMENTS:
            return customer_segments.fit(sales)
        case str(it) if it == FORECASTS:
            return forecasts.fit(sales, today)
        case _:
            raise ValueError(f"there is no model {model}")
