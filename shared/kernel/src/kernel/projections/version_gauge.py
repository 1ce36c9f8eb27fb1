"""The gauge of the versions of read models' tables, read from the database."""

from __future__ import annotations

from typing import Any

from kernel.observability.metrics.read_models import VERSION
from kernel.postgres.gauges import Reading

VERSIONS = "SELECT coalesce(jsonb_object_agg(name, version), '{}') FROM read_model"


def versions() -> Reading:
    return Reading(VERSIONS, _show)


def _show(found: Any) -> None:
    for model, version in found.items():
        VERSION.labels(model).set(version)
