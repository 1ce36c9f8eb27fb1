"""Errors of rebuilds and verifications: why a request is refused, and why a run fails."""

from __future__ import annotations

from kernel.domain import NotFound, Refused


class ProjectionNotFound(NotFound):
    """There is no such read model."""

    code = "PROJECTION_NOT_FOUND"


class ProjectionBusy(Refused):
    """The read model is already being rebuilt or verified."""

    code = "PROJECTION_BUSY"


class RunFailed(Exception):
    """The run cannot succeed; a retry fails in the same way until the cause is removed. The live tables are
    unchanged."""
