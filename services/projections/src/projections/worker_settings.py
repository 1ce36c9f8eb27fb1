"""The settings of the worker that runs statistical models and sends reports."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from kernel.service.link_settings import LinkKeySettings
from kernel.service.settings import Positive, UpToADay
from kernel.service.smtp_settings import SmtpSettings
from projections.model_runs.nightly import parse_times


def _times(text: str) -> str:
    parse_times(text)
    return text


class WorkerSettings(SmtpSettings, LinkKeySettings):
    """Under a key that is derived from the link key, the addresses of reports are encrypted."""

    stuck_after_minutes: Positive = 20.0
    """As in the service: an open checkout older than this counts as stuck."""
    model_run_times: Annotated[str, AfterValidator(_times)] = "02:00"
    """When models are run each day, in UTC; a tenant may have a time of its own: `02:00,demo=03:30`."""
    model_run_seconds: UpToADay = 900.0
    """Maximum duration of one run."""
    model_megabytes: Annotated[int, Field(ge=256, le=1_000_000)] = 1024
    """Memory that the worker may use for its data; a run that needs more fails."""
