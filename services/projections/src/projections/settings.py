"""What can be configured about the projections."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kernel.settings import ServiceSettings


class ProjectionsSettings(ServiceSettings):
    stuck_after_minutes: Annotated[float, Field(gt=0)] = 20.0
    """A checkout that is still open by then is counted as stuck."""
    run_days: Annotated[float, Field(ge=0, le=3660)] = 90.0
    """How long it is known what a rebuild or a verification has found."""
