"""The settings of the projections."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kernel.service.settings import Positive, ServiceSettings


class ProjectionsSettings(ServiceSettings):
    stuck_after_minutes: Positive = 20.0
    """An open checkout older than this counts as stuck."""
    run_days: Annotated[float, Field(ge=0, le=3660)] = 90.0
    """Retention of finished rebuilds and comparisons, and of results of `feira verify`."""
