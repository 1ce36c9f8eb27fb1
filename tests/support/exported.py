"""The present value of a metric of this process."""

from __future__ import annotations

from prometheus_client import REGISTRY


def exported(name: str, **labels: str) -> float | None:
    """As a scrape would read it; None if it is not exported."""
    return REGISTRY.get_sample_value(name, labels)


def counted(name: str, **labels: str) -> float:
    """0 for a counter that has not counted yet."""
    return exported(name, **labels) or 0.0
