"""The settings of the projections."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kernel.service.link_settings import LinkSettings
from kernel.service.settings import Positive


class ProjectionsSettings(LinkSettings):
    """The link key signs the sessions of the dashboard."""

    stuck_after_minutes: Positive = 20.0
    """An open checkout older than this counts as stuck."""
    run_days: Annotated[float, Field(ge=0, le=3660)] = 90.0
    """Retention of finished rebuilds and comparisons, of runs of models, and of results of `feira verify`."""
