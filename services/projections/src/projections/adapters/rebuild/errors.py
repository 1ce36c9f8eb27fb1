"""What is refused to somebody who asks for a run, and why a run gives up."""

from __future__ import annotations

from kernel.domain import NotFound, Refused


class ProjectionNotFound(NotFound):
    """There is no such read model."""

    code = "PROJECTION_NOT_FOUND"


class ProjectionBusy(Refused):
    """It is being rebuilt or verified already."""

    code = "PROJECTION_BUSY"


class RunFailed(Exception):
    """The run cannot come to its end, and would not the next time either; the live tables are untouched."""
